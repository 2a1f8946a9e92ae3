/** Word times as they come: unsorted, reversed, missing, all the same (PROTOCOL §5.4, U14, P8). */
import type { Word } from "../../transcript.ts";

/** A time in seconds, or `undefined` for anything that cannot be one. */
export function seconds(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A pair in order: an `end` before its `start` is taken as `start`. */
export function span(
  start: number | undefined,
  end: number | undefined,
): { start: number | undefined; end: number | undefined } {
  return start !== undefined && end !== undefined && end < start
    ? { start, end: start }
    : { start, end };
}

/** By start, equal ones in their order; a list in which any start is missing stays as it is. */
export function sortWords(words: readonly Word[]): readonly Word[] {
  if (words.some((word) => word.start === undefined)) return words;
  return words.toSorted((left, right) => (left.start ?? 0) - (right.start ?? 0));
}

/** P8: several words, all at the same instant and without length. */
export function areCollapsed(words: readonly Word[]): boolean {
  const first = words[0]?.start;
  if (words.length < 2 || first === undefined) return false;
  return words.every((word) => word.start === first && word.end === first);
}

/** The words without times: what is not known is not said. */
export function withoutTimes(words: readonly Word[]): Word[] {
  return words.map((word) => ({ ...word, start: undefined, end: undefined }));
}

/** Invented times: the stretch shared out by the words' lengths. Every word is marked `estimated`. */
export function spreadOver(words: readonly Word[], start: number, end: number): Word[] {
  const weights = words.map((word) => word.text.length + 1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return words.map((word, index) => {
    const from = before;
    before += weights[index] ?? 0;
    return {
      ...word,
      start: start + ((end - start) * from) / total,
      end: start + ((end - start) * before) / total,
      estimated: true,
    };
  });
}
