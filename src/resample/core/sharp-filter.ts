/**
 * The one steep filter: from 24 kHz to 16 kHz, everything from 8.05 kHz up gone, everything up to
 * 7 kHz untouched. It makes two outputs from three inputs; its taps lie at 48 kHz and are symmetric.
 */
import { kaiserBeta, kernelOf } from "./sinc.ts";

/** The rate in front of the steep filter, in Hz. */
export const MIDDLE_RATE = 24_000;
const CUTOFF_HZ = 7_665;
const ATTENUATION_DB = 123;
/** Taps to either side of the middle one, at 48 kHz: 5.3 ms. */
const REACH = 254;

/** Input sample `3 * row + plane` lies in its plane at its row. */
export interface Steep {
  /** Outputs `2 * row` and `2 * row + 1` see rows `row - back` to `row + ahead`. */
  readonly back: number;
  readonly ahead: number;
  /** For each plane and each row seen, the tap of the even output and that of the odd one. */
  readonly taps: Float32Array;
}

/** The filter as {@link Kernels.sharpen} wants it; each output's taps sum to 1. */
export function designSteep(): Steep {
  const kernel = kernelOf({
    cutoff: CUTOFF_HZ / 48_000,
    reach: REACH + 1,
    beta: kaiserBeta(ATTENUATION_DB),
  });
  // Sample q lies 2q steps of 48 kHz after the even output and 2q - 3 after the odd one.
  const back = Math.ceil(REACH / 6);
  const ahead = Math.floor((REACH + 3) / 6);
  const reach = back + ahead + 1;
  const exact = new Float64Array(3 * reach * 2);
  let evenSum = 0;
  let oddSum = 0;
  for (let at = 0; at < 3 * reach; at++) {
    const sample = 3 * ((at % reach) - back) + Math.floor(at / reach);
    const even = kernel(2 * sample);
    const odd = kernel(2 * sample - 3);
    exact[2 * at] = even;
    exact[2 * at + 1] = odd;
    evenSum += even;
    oddSum += odd;
  }
  const taps = Float32Array.from(exact, (tap, i) => tap / (i % 2 === 0 ? evenSum : oddSum));
  return { back, ahead, taps };
}
