/**
 * Windowed-sinc low-pass filters (J. F. Kaiser, "Nonrecursive digital filter design using the
 * I0-sinh window function", 1974). Only `+ - * /` and square roots are used, which IEEE 754 fixes
 * to the last bit, so that every machine computes the same coefficients.
 */

/** Kaiser's shape parameter for a stopband this many dB down (valid above 50 dB). */
export function kaiserBeta(attenuationDb: number): number {
  return 0.1102 * (attenuationDb - 8.7);
}

/** The modified Bessel function of order zero, by its power series. */
export function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

/** sin(pi x), by range reduction and its power series; good to about 1e-16. */
export function sinPi(x: number): number {
  const nearest = Math.floor(x + 0.5);
  const reduced = (x - nearest) * Math.PI;
  const square = reduced * reduced;
  let term = reduced;
  let sum = reduced;
  for (let k = 2; k < 24; k += 2) {
    term *= -square / (k * (k + 1));
    sum += term;
  }
  return nearest % 2 === 0 ? sum : -sum;
}

/** sin(pi x) / (pi x). */
export function sinc(x: number): number {
  return x === 0 ? 1 : sinPi(x) / (Math.PI * x);
}

/** A continuous low-pass kernel, symmetric about 0. */
export interface LowPass {
  /** Where the response is down by half, as a fraction of the sample rate. */
  readonly cutoff: number;
  /** The kernel is zero from here on, in samples to either side. */
  readonly reach: number;
  readonly beta: number;
}

/** The kernel at any distance from its middle. */
export function kernelOf({ cutoff, reach, beta }: LowPass): (distance: number) => number {
  const scale = (2 * cutoff) / besselI0(beta);
  return (distance) => {
    const inside = 1 - (distance / reach) * (distance / reach);
    if (inside <= 0) return 0;
    return sinc(2 * cutoff * distance) * besselI0(beta * Math.sqrt(inside)) * scale;
  };
}

/**
 * The same, read from a table of 256 points a sample by cubic (Lagrange) interpolation: for many
 * thousand places this is faster, and its error (below 1e-10) is far under that of 32-bit
 * coefficients.
 */
export function tabulatedKernelOf(filter: LowPass): (distance: number) => number {
  const exact = kernelOf(filter);
  const perSample = 256;
  const points = Math.ceil(filter.reach * perSample) + 4;
  const table = Float64Array.from({ length: points }, (_, i) => exact((i - 1) / perSample));
  return (distance) => {
    const place = Math.abs(distance) * perSample + 1;
    const i = Math.floor(place);
    if (i >= points - 2) return 0;
    const f = place - i;
    const before = table[i - 1] ?? 0;
    const here = table[i] ?? 0;
    const next = table[i + 1] ?? 0;
    const after = table[i + 2] ?? 0;
    const third = (after - before) / 6 + (here - next) / 2;
    const second = (before + next) / 2 - here;
    const first = next - before / 3 - here / 2 - after / 6;
    return ((third * f + second) * f + first) * f + here;
  };
}
