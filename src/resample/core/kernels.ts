/**
 * The three inner loops of the resampler, as a port with two implementations: WebAssembly SIMD
 * and plain JavaScript. Both work on one heap of 32-bit floats and do the same float operations
 * in the same order, so that their bytes are equal. Places in the heap are indices of floats.
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
  /** Outputs are `rows * planes`; output `k` goes to `out + (k % planes) * plane + floor(k / planes)`. */
  readonly rows: number;
  readonly planes: number;
  readonly plane: number;
  readonly out: number;
}

/** Where and how {@link Kernels.sharpen} works. */
export interface Sharpening {
  /** For each of 3 planes `reach` coefficients of even outputs, each followed by that of odd ones. */
  readonly taps: number;
  readonly reach: number;
  /** Row 0 of plane 0; output `2 * row` sees rows `row` to `row + reach - 1` of every plane. */
  readonly u: number;
  readonly plane: number;
  /** A multiple of 4; two outputs a row. */
  readonly rows: number;
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
