/**
 * The one steep filter: from 24 kHz to 16 kHz, everything from 8.05 kHz up gone, everything up to
 * 7 kHz untouched. It makes two outputs from three inputs; its taps lie at 48 kHz and are symmetric.
 *
 * It is computed with 9/16 of the multiplications of a plain dot product. Input sample `3 * row +
 * plane` lies in its plane at its row; each plane passes a filter that gives even outputs and one
 * that gives odd ones, both a row at a time. Such a filter `y[r] = sum of h[k] x[r + k]` falls into
 * three of half the length that run at half the rate (the Toeplitz form of Karatsuba's trick; Z.-J.
 * Mou, P. Duhamel, "Short-length FIR filters", 1991), with x0, x1, h0, h1 the even and odd rows and
 * taps:
 *
 *     y[2s]     = (x0 - x1)[s] * h0 + x1[s] * (h0 + h1)
 *     y[2s + 1] = (x0[s + 1] - x1[s]) * h1 + x1[s] * (h0 + h1)
 *
 * and each of the three falls apart once more. So four rows, 12 inputs, make a _group_; each plane
 * becomes nine _strands_ of one value a group, and nine _products_ of three strands with their taps
 * come together to the group's eight outputs.
 */
import { STEEP_TAPS } from "./steep-taps.ts";

/** The rate in front of the steep filter, in Hz. */
export const MIDDLE_RATE = 24_000;
/** Taps to either side of the middle one, at 48 kHz: 4.4 ms. */
const REACH = STEEP_TAPS.length - 1;

export interface Steep {
  /** Rows in front of a group's first one that it sees. */
  readonly back: number;
  /** Values of a strand that one product sees. */
  readonly reach: number;
  /** For each of nine products, each plane and each value seen: the tap of even and of odd outputs. */
  readonly taps: Float32Array;
}

/** The filter as {@link Kernels.sharpen} wants it; each output's taps sum to 1. */
export function designSteep(): Steep {
  // Sample q lies 2q steps of 48 kHz after the even output and 2q - 3 after the odd one.
  const back = Math.ceil(REACH / 6);
  const ahead = Math.floor((REACH + 3) / 6);
  const rows = Math.ceil((back + ahead + 1) / 4) * 4;
  const filterOf = (lag: number): number[][] => {
    const taps = Array.from(
      { length: 3 * rows },
      (_, n) => STEEP_TAPS[Math.abs(2 * (n - 3 * back) - lag)] ?? 0,
    );
    const sum = taps.reduce((total, tap) => total + tap, 0);
    return [0, 1, 2].map((plane) =>
      Array.from({ length: rows }, (_, row) => (taps[3 * row + plane] ?? 0) / sum),
    );
  };
  const even = filterOf(0).map((plane) => thirds(plane).flatMap(thirds));
  const odd = filterOf(3).map((plane) => thirds(plane).flatMap(thirds));
  const reach = rows / 4;
  const taps = new Float32Array(27 * reach * 2);
  for (let at = 0; at < 27 * reach; at++) {
    const plane = Math.floor(at / reach) % 3;
    const product = Math.floor(at / (3 * reach));
    taps[2 * at] = even[plane]?.[product]?.[at % reach] ?? 0;
    taps[2 * at + 1] = odd[plane]?.[product]?.[at % reach] ?? 0;
  }
  return { back, reach, taps };
}

/** The taps of the three filters that stand for one. */
function thirds(taps: readonly number[]): number[][] {
  const first = taps.filter((_, i) => i % 2 === 0);
  const second = taps.filter((_, i) => i % 2 === 1);
  return [first, first.map((tap, i) => tap + (second[i] ?? 0)), second];
}
