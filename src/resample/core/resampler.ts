/**
 * One channel of any rate to 16 kHz, with no delay left in the output: output `n` is the input at
 * time `n / 16000`, there are `ceil(frames * 16000 / rate)` of them, and they are the same bits for
 * every way of cutting the input.
 */
import { Filtering } from "./filtering.ts";
import { TARGET_RATE } from "./format.ts";
import { RUN_FRAMES, samplesAt, stagingAt, widen } from "./heap.ts";
import { type KernelFactory, type Kernels } from "./kernels.ts";
import { createPlainKernels } from "./plain-kernels.ts";
import { createSimdKernels } from "./simd-kernels.ts";

/** SIMD where the host has it, else the plain twin. */
export const fastestKernels: KernelFactory = (floats) =>
  createSimdKernels(floats) ?? createPlainKernels(floats);

export interface Resampler {
  /** Which inner loops are at work. */
  readonly kernels: "simd" | "plain";
  /** Where the next frames are to be written, from index 0; {@link RUN_FRAMES} long. */
  readonly input: Float32Array;
  /** Room for {@link RUN_FRAMES} frames of one or two 16-bit little-endian samples. */
  readonly staging: Uint8Array;
  /** The same memory as samples, where the machine is little-endian. */
  readonly stagedSamples: Int16Array;
  /** Turns the first `frames` frames of `staging` into `input`, two channels into their mean. */
  widen(frames: number, channels: 1 | 2): void;
  /** Where outputs are found; overwritten by the next run. */
  readonly output: Float32Array;
  /** Takes the first `frames` of `input`, returns how many outputs are ready. */
  run(frames: number): number;
  /** The input is over: returns how many last outputs are ready. */
  flush(): number;
  /** The first `count` outputs as 16-bit samples; overwritten by the next call. */
  quantize(count: number): Int16Array;
}

/**
 * Makes a resampler; its buffers are allocated here and never grow.
 * @param rate frames per second of the input, a whole number of Hz
 */
export function createResampler(rate: number, factory: KernelFactory = fastestKernels): Resampler {
  return rate === TARGET_RATE ? new PassThrough(factory) : new Filtering(rate, factory);
}

/** Nothing to do but to quantize. */
class PassThrough implements Resampler {
  readonly #kernels: Kernels;
  readonly #samples: Int16Array;
  readonly kernels: "simd" | "plain";
  readonly input: Float32Array;
  readonly staging: Uint8Array;
  readonly stagedSamples: Int16Array;
  readonly output: Float32Array;

  constructor(factory: KernelFactory) {
    this.#kernels = factory(3 * RUN_FRAMES);
    this.kernels = this.#kernels.name;
    this.input = this.#kernels.heap.subarray(0, RUN_FRAMES);
    this.output = this.input;
    this.#samples = samplesAt(this.#kernels, RUN_FRAMES, RUN_FRAMES);
    this.staging = stagingAt(this.#kernels, 2 * RUN_FRAMES);
    this.stagedSamples = samplesAt(this.#kernels, 2 * RUN_FRAMES, 2 * RUN_FRAMES);
  }

  widen(frames: number, channels: 1 | 2): void {
    widen(this.#kernels, frames, channels, 2 * RUN_FRAMES, 0);
  }

  run(frames: number): number {
    return frames;
  }

  flush(): number {
    return 0;
  }

  quantize(count: number): Int16Array {
    this.#kernels.quantize(0, count, RUN_FRAMES);
    return this.#samples.subarray(0, count);
  }
}
