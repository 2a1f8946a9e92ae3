/**
 * Windowed-sinc low-pass filters (J. F. Kaiser, "Nonrecursive digital filter design using the
 * I0-sinh window function", 1974). Only `+ - * /` and square roots are used, which IEEE 754 fixes
 * to the last bit, so that every machine computes the same coefficients.
 */

/** Kaiser's shape parameter for a stopband this many dB down (valid above 50 dB). */
export function kaiserBeta(attenuationDb: number): number {
  return 0.1102 * (attenuationDb - 8.7);
}

/** Taps for a transition this wide, as a fraction of the sample rate. */
export function kaiserTaps(attenuationDb: number, transition: number): number {
  return (attenuationDb - 7.95) / (14.36 * transition) + 1;
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

/**
 * Samples of the kernel at many places cost a Bessel function each; they are read instead from a
 * fine table by cubic (Lagrange) interpolation, whose error (below 1e-10) is far under that of 32-bit
 * coefficients.
 */
export function kernelOf({ cutoff, reach, beta }: LowPass): (distance: number) => number {
  const scale = 1 / besselI0(beta);
  const exact = (t: number): number => {
    const inside = 1 - (t / reach) * (t / reach);
    if (inside < 0) return 0;
    return 2 * cutoff * sinc(2 * cutoff * t) * besselI0(beta * Math.sqrt(inside)) * scale;
  };
  const step = 1 / 256;
  const points = Math.ceil(reach / step) + 3;
  const table = new Float64Array(points + 1);
  for (let i = 0; i <= points; i++) table[i] = exact((i - 1) * step);
  return (distance) => {
    const t = Math.abs(distance);
    if (t >= reach) return 0;
    const place = t / step + 1;
    const i = Math.floor(place);
    const f = place - i;
    if (f === 0) return table[i] ?? 0;
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
