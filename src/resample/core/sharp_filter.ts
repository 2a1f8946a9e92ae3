/**
 * The one steep filter: from 24 kHz to 16 kHz, everything from 8.05 kHz up gone, everything up to
 * 7 kHz untouched. It is sampled at 48 kHz and symmetric: tap `d` and tap `-d` are equal.
 */
import { kaiserBeta, kernelOf } from "./sinc.ts";

/** The rate in front of the steep filter, in Hz. */
export const MIDDLE_RATE = 24_000;
/** Taps to either side of the middle one. */
const REACH = 254;

/** Taps 0 (the middle) to the last; each of the two phases sums to 1 over the whole filter. */
export function sharpTaps(): Float64Array {
  const kernel = kernelOf({ cutoff: 7_665 / 48_000, reach: REACH + 1, beta: kaiserBeta(123) });
  const taps = Float64Array.from({ length: REACH + 1 }, (_, d) => kernel(d));
  let even = taps[0] ?? 0;
  let odd = 0;
  for (let d = 1; d <= REACH; d++) {
    if (d % 2 === 0) even += 2 * (taps[d] ?? 0);
    else odd += 2 * (taps[d] ?? 0);
  }
  return taps.map((tap, d) => tap / (d % 2 === 0 ? even : odd));
}
