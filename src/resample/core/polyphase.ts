/**
 * Which filter a rate needs, and its coefficients.
 *
 * From 17 kHz up in two steps: to 24 kHz by a short filter whose transition may be as wide as
 * 7.6 to 15.95 kHz, because all that then lies above 8.05 kHz is removed by the second step, the
 * steep filter of `sharp-filter.ts`, which is the same for every rate. Below 17 kHz in one step.
 */
import { TARGET_RATE } from "./format.ts";
import { MIDDLE_RATE } from "./sharp-filter.ts";
import { kaiserBeta, kernelOf, tabulatedKernelOf } from "./sinc.ts";

/** A table-driven resampler: output `k` lies at input position `k * step / phases`. */
export interface Polyphase {
  readonly phases: number;
  readonly step: number;
  /** Coefficients per phase, a multiple of 16; the window reaches `taps / 2` to either side. */
  readonly taps: number;
  /** `phases` rows of `taps`; each row sums to 1. */
  readonly table: Float32Array;
  /** Its output is at 24 kHz and wants the steep filter. */
  readonly sharpened: boolean;
}

const ATTENUATION_DB = 126;
const DIRECT_BELOW = 17_000;
/** Half a window of the direct filter below 16 kHz: 9 ms at 8 kHz. */
const DIRECT_REACH = 72;

/** Designs the table for any rate but 16 kHz itself. At most about 35 MB (odd rates near 384 kHz). */
export function designPolyphase(rate: number): Polyphase {
  const sharpened = rate >= DIRECT_BELOW;
  const outRate = sharpened ? MIDDLE_RATE : TARGET_RATE;
  const divisor = greatestCommonDivisor(rate, outRate);
  const phases = outRate / divisor;
  const { low, high } = sharpened ? { low: 7_700, high: 15_950 } : directBand(rate);
  const width = (high - low) / rate;
  const taps = Math.ceil((ATTENUATION_DB - 7.95) / (14.36 * width) / 16) * 16;
  const cutoff = (low + high) / 2 / rate;
  const filter = { cutoff, reach: taps / 2, beta: kaiserBeta(ATTENUATION_DB) };
  const kernel = phases > 128 ? tabulatedKernelOf(filter) : kernelOf(filter);
  const table = new Float32Array(phases * taps);
  const row = new Float64Array(taps);
  for (let phase = 0; phase < phases; phase++) {
    let sum = 0;
    for (let j = 0; j < taps; j++) {
      const tap = kernel(taps / 2 - 1 - j + phase / phases);
      row[j] = tap;
      sum += tap;
    }
    for (let j = 0; j < taps; j++) table[phase * taps + j] = (row[j] ?? 0) / sum;
  }
  return { phases, step: rate / divisor, taps, table, sharpened };
}

/** Up to half the input's rate when that is below 8 kHz: what lies above are images of it. */
function directBand(rate: number): { low: number; high: number } {
  const high = Math.min(rate, TARGET_RATE) / 2;
  const narrowest = ((ATTENUATION_DB - 7.95) / 14.36 / (2 * DIRECT_REACH)) * rate;
  return { low: rate > TARGET_RATE ? 7_330 : high - narrowest, high };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
