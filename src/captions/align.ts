/** How words that are on the screen already lie in a newer hypothesis of the same speech. */

/** A word to compare: letter case, punctuation, and compatibility forms are no difference. */
export function comparable(text: string): string {
  const letters = text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}]/gu, "");
  return letters === "" ? text.trim() : letters;
}

/**
 * The price of one word standing for another; a missing or an extra word costs 1. A misspelling is
 * cheaper than either, another word dearer than one and cheaper than both.
 */
function changePrice(one: string, other: string): number {
  if (one === other) return 0;
  const shorter = Math.min(one.length, other.length);
  let head = 0;
  while (head < shorter && one[head] === other[head]) head += 1;
  let end = 0;
  while (end < shorter - head && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  return 1.6 - (head + end) / Math.max(one.length, other.length);
}

export type Fate = "same" | "changed" | "gone";

export interface Alignment {
  /** Words of the hypothesis that the shown words account for. */
  readonly covered: number;
  /** For each shown word: how many words of the hypothesis are accounted for up to and with it. */
  readonly reached: readonly number[];
  /** For each shown word: whether the hypothesis has it there, has another word there, or nothing. */
  readonly fates: readonly Fate[];
}

/**
 * Lays `shown` over the beginning of `hypothesis` at the least cost of changed, missing, and extra
 * words; what lies behind is new. O(shown²): of the hypothesis only as much is looked at as the
 * shown words could account for.
 */
export function alignPrefix(shown: readonly string[], hypothesis: readonly string[]): Alignment {
  const rows = shown.length;
  if (shown.every((word, index) => word === hypothesis[index])) {
    const reached = shown.map((_, index) => index + 1);
    return { covered: rows, reached, fates: shown.map(() => "same") };
  }
  const columns = Math.min(hypothesis.length, 2 * rows + 16);
  const costs = fillCosts(shown, hypothesis, columns);
  const cost = (row: number, column: number): number =>
    column < 0 ? Infinity : (costs[row * (columns + 1) + column] ?? Infinity);
  let covered = 0;
  for (let column = 1; column <= columns; column += 1) {
    if (cost(rows, column) < cost(rows, covered)) covered = column;
  }
  const reached: number[] = shown.map(() => 0);
  const fates: Fate[] = shown.map(() => "gone");
  let row = rows;
  let column = covered;
  while (row > 0) {
    const same = column > 0 && shown[row - 1] === hypothesis[column - 1];
    reached[row - 1] = column;
    const price = changePrice(shown[row - 1] ?? "", hypothesis[column - 1] ?? "");
    // Of equal words the last ones are the missing ones: they may be heard yet.
    if (cost(row, column) === cost(row - 1, column) + 1) {
      row -= 1;
    } else if (cost(row, column) === cost(row - 1, column - 1) + price) {
      fates[row - 1] = same ? "same" : "changed";
      row -= 1;
      column -= 1;
    } else {
      column -= 1;
    }
  }
  return { covered, reached, fates };
}

function fillCosts(
  shown: readonly string[],
  hypothesis: readonly string[],
  columns: number,
): Float64Array {
  const stride = columns + 1;
  const costs = new Float64Array((shown.length + 1) * stride);
  for (let column = 1; column <= columns; column += 1) costs[column] = column;
  for (let row = 1; row <= shown.length; row += 1) {
    costs[row * stride] = row;
    for (let column = 1; column <= columns; column += 1) {
      const changed = changePrice(shown[row - 1] ?? "", hypothesis[column - 1] ?? "");
      costs[row * stride + column] = Math.min(
        (costs[(row - 1) * stride + column - 1] ?? 0) + changed,
        (costs[(row - 1) * stride + column] ?? 0) + 1,
        (costs[row * stride + column - 1] ?? 0) + 1,
      );
    }
  }
  return costs;
}
