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
  /** A multiple of 8. */
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
  /** Entries of 3 words: two int32 offsets (in bytes) from `u + row`, one float32 coefficient. */
  readonly pairs: number;
  /** Entries for even outputs, then entries for odd ones. */
  readonly evenPairs: number;
  readonly oddPairs: number;
  readonly u: number;
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
  /** Symmetric filter that makes two outputs from three inputs. */
  sharpen(work: Sharpening): void;
  /**
   * Quantizes `count` floats at `from` (a multiple of 8 is touched) to 16 bits at `to`, where two
   * samples share a word: nearest, ties to even, saturated.
   */
  quantize(from: number, count: number, to: number): void;
}

/** Makes kernels over a heap of at least this many floats. */
export type KernelFactory = (heapFloats: number) => Kernels;
