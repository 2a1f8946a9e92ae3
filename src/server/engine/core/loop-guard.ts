/**
 * Recognizers of this kind sometimes fall into a loop and say the same words until they run out of
 * room. People repeat themselves too ("no no no", card numbers), so a repetition is cut only when
 * nobody could have said that much in that time. Time is counted in syllables: "Mr. John" three
 * times in a second is six words, which some can say, and nine syllables, which nobody can.
 */

/** Reading aloud has 4, hurried speech 5 to 6. */
const MOST_SYLLABLES_PER_SECOND = 6;
/** So far beyond what fits, the text tells nothing of how often it was said: one round stays. */
const RUNAWAY = 1.25;
const LONGEST_LOOP_WORDS = 12;
const FEWEST_REPEATS = 3;

interface Loop {
  readonly start: number;
  readonly length: number;
  readonly repeats: number;
}

/**
 * Returns `words` as they are when `seconds` of speech can hold them; otherwise with loops (one to
 * twelve words, three rounds or more) cut to the rounds that fit, at least one, and to just one
 * where the text is far too long. A round broken off at the end of the text goes with its loop.
 */
export function cutLoops(words: readonly string[], seconds: number): readonly string[] {
  const most = MOST_SYLLABLES_PER_SECOND * seconds;
  let kept = words;
  for (;;) {
    const total = countSyllables(kept);
    if (total <= most) return kept;
    const keys = kept.map(keyOf);
    const loop = findLoop(keys);
    if (loop === undefined) return kept;
    const { start, length, repeats } = loop;
    const round = countSyllables(kept.slice(start, start + length));
    const fitting = Math.floor((most - (total - round * repeats)) / round);
    const rounds = total > RUNAWAY * most ? 1 : Math.max(1, fitting);
    const rest = isBrokenOff(keys, loop) ? [] : kept.slice(start + length * repeats);
    kept = [...kept.slice(0, start + length * rounds), ...rest];
  }
}

/** Groups of vowels, and digits; every word has at least one. Rather too few than too many. */
function countSyllables(words: readonly string[]): number {
  let count = 0;
  for (const word of words) {
    const key = keyOf(word.normalize("NFD"));
    const spoken = /^(?:mr|mrs|dr)$/u.test(key) ? "mister" : key.replace(/e[ds]?$/u, "");
    count += Math.max(1, spoken.match(/[aeiouy]+|\p{N}/gu)?.length ?? 0);
  }
  return count;
}

function keyOf(word: string): string {
  return word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** The repetition that covers the most words. */
function findLoop(keys: readonly string[]): Loop | undefined {
  let best: Loop | undefined;
  for (let length = 1; length <= LONGEST_LOOP_WORDS; length += 1) {
    for (let start = 0; start + length * FEWEST_REPEATS <= keys.length; start += 1) {
      const repeats = countRepeats(keys, start, length);
      const covered = repeats * length;
      if (repeats >= FEWEST_REPEATS && covered > (best?.repeats ?? 0) * (best?.length ?? 0)) {
        best = { start, length, repeats };
      }
    }
  }
  return best;
}

function countRepeats(keys: readonly string[], start: number, length: number): number {
  let repeats = 1;
  for (let at = start + length; at + length <= keys.length; at += length) {
    for (let offset = 0; offset < length; offset += 1) {
      if (keys[start + offset] !== keys[at + offset]) return repeats;
    }
    repeats += 1;
  }
  return repeats;
}

/** Whether nothing follows the loop but the beginning of one more round, its last word perhaps cut. */
function isBrokenOff(keys: readonly string[], { start, length, repeats }: Loop): boolean {
  const rest = keys.slice(start + length * repeats);
  if (rest.length > length) return false;
  return rest.every((key, index) => {
    const whole = keys[start + index] ?? "";
    return index === rest.length - 1 ? whole.startsWith(key) : whole === key;
  });
}
