/**
 * The window in the middle of the quietest three, of the windows `from` to `to` (exclusive); the last
 * of several. `undefined` when the range is empty.
 * @param energies mean square of each window.
 */
export function findQuietest(
  energies: readonly number[],
  from: number,
  to: number,
): number | undefined {
  let quietest: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let index = from; index < to; index += 1) {
    const sum = (energies[index - 1] ?? 0) + (energies[index] ?? 0) + (energies[index + 1] ?? 0);
    if (sum > least) continue;
    least = sum;
    quietest = index;
  }
  return quietest;
}
