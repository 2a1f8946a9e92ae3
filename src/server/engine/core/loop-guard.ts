/**
 * Recognizers of this kind sometimes fall into a loop and say the same words until they run out of
 * room. People repeat themselves too ("no no no", card numbers), so a repetition is cut only when
 * nobody could have said that much in that time.
 */

/** Faster than fast readers and auctioneers' clerks: 240 words a minute is 4. */
const MOST_WORDS_PER_SECOND = 6;
/** A breath's worth of words that any short clip may hold. */
const FREE_WORDS = 3;
const LONGEST_LOOP_WORDS = 12;
const FEWEST_REPEATS = 3;

interface Loop {
  readonly start: number;
  readonly length: number;
  readonly repeats: number;
}

/**
 * Returns `words` with loops of one to twelve words cut to a single round, when there are more
 * words than `seconds` of speech can hold; otherwise as they are.
 */
export function cutLoops(words: readonly string[], seconds: number): readonly string[] {
  const most = FREE_WORDS + MOST_WORDS_PER_SECOND * seconds;
  let kept = words;
  while (kept.length > most) {
    const loop = findLoop(kept);
    if (loop === undefined) return kept;
    const next = loop.start + loop.length;
    kept = [...kept.slice(0, next), ...kept.slice(loop.start + loop.length * loop.repeats)];
  }
  return kept;
}

/** The repetition that covers the most words. */
function findLoop(words: readonly string[]): Loop | undefined {
  const keys = words.map((word) => word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ""));
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
