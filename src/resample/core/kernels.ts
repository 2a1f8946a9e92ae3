/**
 * The inner loops of the resampler, as a port with two implementations: WebAssembly SIMD and plain
 * JavaScript. Both work on one heap of 32-bit floats and do the same float operations in the same
 * order, so that their bytes are equal. Places in the heap are indices of floats.
 */

/** Where and how {@link Kernels.interpolate} works. */
export interface Interpolation {
  /** First sample of the window of the first output. */
  readonly x: number;
  /** `phases` rows of `taps` coefficients. */
  readonly table: number;
  /** A multiple of 16. */
  readonly taps: number;
  /** The output is made at `phases / step` times the input's rate. */
  readonly phases: number;
  readonly step: number;
  /** Phase of the first output. */
  readonly phase: number;
  readonly outputs: number;
  readonly out: number;
}

/** Where and how {@link Kernels.sharpen} works; the words are those of `sharp-filter.ts`. */
export interface Sharpening {
  /** For each product and plane `reach` coefficients of even outputs, each followed by that of odd ones. */
  readonly taps: number;
  readonly reach: number;
  /** `12 * groups + 9` samples are read; up to 36 behind them are touched. */
  readonly u: number;
  /** 27 strands of `strand` floats: `reach - 1` are kept from the call before, `groups` come to them. */
  readonly strands: number;
  readonly strand: number;
  readonly groups: number;
  /** Room for 18 times `strand` floats. */
  readonly products: number;
  /** Eight outputs a group; a multiple of 32 is touched. */
  readonly out: number;
}

export interface Kernels {
  /** "simd" or "plain", for benchmarks and bug reports. */
  readonly name: "simd" | "plain";
  readonly heap: Float32Array;
  /** Resamples by a polyphase table: each output is one dot product. */
  interpolate(work: Interpolation): void;
  /** The steep filter: makes two outputs from three inputs. */
  sharpen(work: Sharpening): void;
  /**
   * Quantizes `count` floats at `from` (a multiple of 8 is touched) to 16 bits at `to`, where two
   * samples share a word: nearest, ties to even, saturated.
   */
  quantize(from: number, count: number, to: number): void;
  /** The way back: `count` 16-bit samples at `from` to floats at `to`; touches a multiple of 8. */
  widen(from: number, count: number, to: number): void;
  /** The same for `count` pairs of samples, to their means; touches a multiple of 4. */
  widenPairs(from: number, count: number, to: number): void;
}

/** Makes kernels over a heap of at least this many floats. */
export type KernelFactory = (heapFloats: number) => Kernels;
