/**
 * One channel of any rate to 16 kHz, with no delay left in the output: output `n` is the input at
 * time `n / 16000`, there are `ceil(frames * 16000 / rate)` of them, and they are the same bits for
 * every way of cutting the input.
 */
import { TARGET_RATE } from "./format.ts";
import { type KernelFactory, type Kernels } from "./kernels.ts";
import { createPlainKernels } from "./plain-kernels.ts";
import { designPolyphase, type Polyphase } from "./polyphase.ts";
import { designSteep, type Steep } from "./sharp-filter.ts";
import { createSimdKernels } from "./simd-kernels.ts";

/** Most frames that one {@link Resampler.run} takes. */
export const RUN_FRAMES = 4_096;

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
    this.#samples = halfWords(this.#kernels, RUN_FRAMES, RUN_FRAMES);
    this.staging = bytesAt(this.#kernels, 2 * RUN_FRAMES);
    this.stagedSamples = halfWords(this.#kernels, 2 * RUN_FRAMES, 2 * RUN_FRAMES);
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

function halfWords(kernels: Kernels, at: number, count: number): Int16Array {
  const { buffer, byteOffset } = kernels.heap;
  return new Int16Array(buffer, byteOffset + at * 4, count);
}

function bytesAt(kernels: Kernels, at: number): Uint8Array {
  return new Uint8Array(kernels.heap.buffer, kernels.heap.byteOffset + at * 4, RUN_FRAMES * 4);
}

function widen(kernels: Kernels, frames: number, channels: 1 | 2, from: number, to: number): void {
  if (channels === 1) kernels.widen(from, frames, to);
  else kernels.widenPairs(from, frames, to);
}

/** Where things lie in the heap, in floats, and how large they are. */
interface Layout {
  readonly history: number;
  readonly x: number;
  readonly table: number;
  readonly planes: number;
  readonly plane: number;
  readonly u: number;
  readonly steep: number;
  readonly output: number;
  readonly outputs: number;
  readonly samples: number;
  readonly staging: number;
  readonly floats: number;
}

/**
 * Invariants between runs: `x[history]` is the first frame of the next run and the `history` frames
 * before it are kept; `next` is the window start of the next output of the first step; rows of `u`
 * before `rows` are made, and row `back` is the next to be sharpened.
 */
class Filtering implements Resampler {
  readonly #rate: number;
  readonly #design: Polyphase;
  readonly #steep: Steep;
  readonly #at: Layout;
  readonly #kernels: Kernels;
  readonly #samples: Int16Array;
  readonly kernels: "simd" | "plain";
  readonly input: Float32Array;
  readonly staging: Uint8Array;
  readonly stagedSamples: Int16Array;
  readonly output: Float32Array;
  #next: number;
  #phase: number;
  #rows = 0;
  #framesIn = 0;
  #framesOut = 0;

  constructor(rate: number, factory: KernelFactory) {
    this.#rate = rate;
    const design = designPolyphase(rate);
    const steep = designSteep();
    const at = layOut(design, steep, rate);
    const kernels = factory(at.floats);
    this.#design = design;
    this.#steep = steep;
    this.#at = at;
    this.#kernels = kernels;
    this.kernels = kernels.name;
    kernels.heap.set(design.table, at.table);
    this.#samples = halfWords(kernels, at.samples, at.outputs);
    const start = at.x + at.history;
    this.input = kernels.heap.subarray(start, start + RUN_FRAMES);
    this.staging = bytesAt(kernels, at.staging);
    this.stagedSamples = halfWords(kernels, at.staging, 2 * RUN_FRAMES);
    this.output = kernels.heap.subarray(at.output, at.output + at.outputs);
    let first = 0;
    if (design.sharpened) {
      kernels.heap.set(steep.taps, at.steep);
      // What the first step makes of the time just before the first frame is not zero yet.
      const ringing = Math.ceil((design.taps * design.phases) / (2 * design.step * 3)) + 1;
      first = -3 * ringing;
      this.#rows = steep.back - ringing;
    }
    const position = first * design.step;
    const whole = Math.floor(position / design.phases);
    this.#phase = position - whole * design.phases;
    this.#next = at.history + whole - design.taps / 2 + 1;
  }

  widen(frames: number, channels: 1 | 2): void {
    widen(this.#kernels, frames, channels, this.#at.staging, this.#at.x + this.#at.history);
  }

  run(frames: number): number {
    this.#framesIn += frames;
    const made = this.#design.sharpened ? this.#sharpen(frames) : this.#interpolate(frames);
    this.#framesOut += made;
    return made;
  }

  flush(): number {
    const total = Math.ceil((this.#framesIn * TARGET_RATE) / this.#rate);
    const missing = total - this.#framesOut;
    this.input.fill(0);
    this.run(RUN_FRAMES);
    return missing;
  }

  quantize(count: number): Int16Array {
    this.#kernels.quantize(this.#at.output, count, this.#at.samples);
    return this.#samples.subarray(0, count);
  }

  /** The first step, as far as the input reaches; returns how many rows of `planes` outputs. */
  #interpolate(frames: number): number {
    const { phases, step, taps } = this.#design;
    const { x, history, table, plane, planes, u, output } = this.#at;
    const spare = history + frames - taps - this.#next;
    const outputs = spare < 0 ? 0 : Math.floor(((spare + 1) * phases - 1 - this.#phase) / step) + 1;
    const rows = Math.max(0, Math.floor(outputs / planes));
    const phase = this.#phase;
    if (rows > 0) {
      const out = planes === 1 ? output : u + this.#rows;
      const from = x + this.#next;
      const work = { x: from, table, taps, phases, step, phase, rows, planes, plane, out };
      this.#kernels.interpolate(work);
    }
    const position = phase + rows * planes * step;
    const whole = Math.floor(position / phases);
    this.#phase = position - whole * phases;
    this.#next += whole - frames;
    this.#kernels.heap.copyWithin(x, x + frames, x + frames + history);
    return rows;
  }

  /** Both steps; returns how many outputs. */
  #sharpen(frames: number): number {
    this.#rows += this.#interpolate(frames);
    const { back, ahead } = this.#steep;
    const rows = Math.max(0, this.#rows - back - ahead);
    if (rows === 0) return 0;
    const { u, plane, steep, output } = this.#at;
    this.#kernels.sharpen({
      taps: steep,
      reach: back + ahead + 1,
      u,
      plane,
      rows: Math.ceil(rows / 4) * 4,
      out: output,
    });
    const { heap } = this.#kernels;
    for (let j = 0; j < 3; j++) {
      const start = u + j * plane;
      heap.copyWithin(start, start + rows, start + this.#rows);
    }
    this.#rows -= rows;
    return 2 * rows;
  }
}

function layOut(design: Polyphase, filter: Steep, rate: number): Layout {
  const perFrame = design.phases / design.step;
  const history = 2 * design.taps + 8 * Math.ceil(1 / perFrame) + 16;
  const planes = design.sharpened ? 3 : 1;
  const rows = design.sharpened ? Math.ceil((RUN_FRAMES * perFrame) / 3) + 8 : 0;
  const plane = rows === 0 ? 0 : words(filter.back + filter.ahead + rows + 32);
  const outputs = words(Math.ceil((RUN_FRAMES * TARGET_RATE) / rate) + 64);
  const x = 0;
  const table = words(x + history + RUN_FRAMES);
  const u = words(table + design.table.length);
  const steep = u + 3 * plane;
  const output = words(steep + (rows === 0 ? 0 : filter.taps.length));
  const samples = output + outputs;
  const staging = words(samples + outputs / 2);
  const floats = staging + RUN_FRAMES;
  return { history, x, table, planes, plane, u, steep, output, outputs, samples, staging, floats };
}

/** Rounded up to whole groups of 16, for aligned vectors. */
function words(count: number): number {
  return Math.ceil(count / 16) * 16;
}
