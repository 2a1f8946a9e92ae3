/** Where nothing was heard of a word's time, it is estimated from how long words take to say. */
import type { RecognizedWord } from "../../recognizer.ts";

/** A pause between words is worth about this many letters. */
const GAP_LETTERS = 1;

/** A word and, where it was aligned, its frames. */
export interface TimedText {
  readonly text: string;
  readonly startFrame?: number | undefined;
  readonly endFrame?: number | undefined;
  /** The span was found with a guessed pronunciation. */
  readonly guessed?: boolean | undefined;
}

/**
 * Gives every word a span inside `startFrame … endFrame`: the aligned ones keep theirs, runs of
 * others share the room between their neighbors by number of letters and are marked estimated.
 * Spans are in order and do not overlap.
 */
export function spreadTimes(
  words: readonly TimedText[],
  startFrame: number,
  endFrame: number,
): RecognizedWord[] {
  const spread: RecognizedWord[] = [];
  let at = startFrame;
  let index = 0;
  while (index < words.length) {
    const word = words[index];
    if (word?.startFrame !== undefined && word.endFrame !== undefined) {
      const start = clamp(word.startFrame, at, endFrame);
      const end = clamp(word.endFrame, start, endFrame);
      const span = { text: word.text, startFrame: start, endFrame: end };
      spread.push(word.guessed === true ? { ...span, estimated: true } : span);
      at = end;
      index += 1;
      continue;
    }
    const run = untimedRun(words, index);
    const next = words[index + run.length]?.startFrame;
    const until = next === undefined ? endFrame : clamp(next, at, endFrame);
    spread.push(...shareRoom(run, at, until));
    at = until;
    index += run.length;
  }
  return spread;
}

function untimedRun(words: readonly TimedText[], from: number): TimedText[] {
  const run: TimedText[] = [];
  for (const word of words.slice(from)) {
    if (word.startFrame !== undefined && word.endFrame !== undefined) break;
    run.push(word);
  }
  return run;
}

function shareRoom(run: readonly TimedText[], from: number, to: number): RecognizedWord[] {
  const weights = run.map((word) => word.text.length + GAP_LETTERS);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let passed = 0;
  return run.map((word, index) => {
    const startFrame = Math.round(from + ((to - from) * passed) / total);
    passed += weights[index] ?? 0;
    const endFrame = Math.round(from + ((to - from) * passed) / total);
    return { text: word.text, startFrame, endFrame, estimated: true };
  });
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
