/**
 * Joins what was heard so far with what was heard of the last seconds alone, for interims: the words
 * that both have in common tell where the second begins. Pure; time is not needed.
 */

/** Fewer words in common may be chance. */
const FEWEST_COMMON = 2;

interface Run {
  readonly before: number;
  readonly tail: number;
  readonly length: number;
}

/**
 * `before` up to the longest run of words that both have, and `tail` from there on; of runs of one
 * length the last in `before`. `undefined` when they have no two words in a row in common.
 */
export function joinWords<W extends { readonly text: string }>(
  before: readonly W[],
  tail: readonly W[],
): W[] | undefined {
  const run = longestRun(before.map(keyOf), tail.map(keyOf));
  if (run === undefined) return undefined;
  // The first word in common as it was written in its sentence, not as the first of a new one.
  return [...before.slice(0, run.before + 1), ...tail.slice(run.tail + 1)];
}

function longestRun(before: readonly string[], tail: readonly string[]): Run | undefined {
  let best: Run | undefined;
  for (const at of before.keys()) {
    for (const start of tail.keys()) {
      const length = commonLength(before, at, tail, start);
      if (length >= Math.max(FEWEST_COMMON, best?.length ?? 0)) {
        best = { before: at, tail: start, length };
      }
    }
  }
  return best;
}

function commonLength(
  before: readonly string[],
  at: number,
  tail: readonly string[],
  start: number,
): number {
  let length = 0;
  while (
    at + length < before.length &&
    start + length < tail.length &&
    before[at + length] === tail[start + length]
  ) {
    length += 1;
  }
  return length;
}

function keyOf({ text }: { readonly text: string }): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}
