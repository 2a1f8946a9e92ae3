/** The resampler for every rate but 16 kHz: one step by a table, or that and the steep filter. */
import { TARGET_RATE } from "./format.ts";
import { RUN_FRAMES, samplesAt, stagingAt, widen } from "./heap.ts";
import { type KernelFactory, type Kernels } from "./kernels.ts";
import { designPolyphase, type Polyphase } from "./polyphase.ts";
import { type Resampler } from "./resampler.ts";
import { designSteep, type Steep } from "./sharp-filter.ts";

/** Where things lie in the heap, in floats, and how large they are. */
interface Layout {
  readonly history: number;
  readonly x: number;
  readonly table: number;
  readonly u: number;
  readonly steep: number;
  readonly strands: number;
  readonly strand: number;
  readonly products: number;
  readonly output: number;
  readonly outputs: number;
  readonly samples: number;
  readonly staging: number;
  readonly floats: number;
}

/** Inputs and outputs of a group, as `sharp-filter.ts` calls it, and what it sees behind itself. */
const GROUP = { inputs: 12, outputs: 8, ahead: 9 } as const;

/**
 * Invariants between runs: `x[history]` is the first frame of the next run and the `history` frames
 * before it are kept; `next` is the window start of the next output of the first step; `u` holds
 * `held` outputs of the first step that no group was made of yet.
 */
export class Filtering implements Resampler {
  readonly #rate: number;
  readonly #design: Polyphase;
  readonly #steep: Steep | undefined;
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
  #held = 0;
  /** First outputs of the steep filter that lie before time 0. */
  #early = 0;
  #framesIn = 0;
  #framesOut = 0;

  constructor(rate: number, factory: KernelFactory) {
    this.#rate = rate;
    const design = designPolyphase(rate);
    const steep = design.sharpened ? designSteep() : undefined;
    const at = layOut(design, steep, rate);
    const kernels = factory(at.floats);
    this.#design = design;
    this.#steep = steep;
    this.#at = at;
    this.#kernels = kernels;
    this.kernels = kernels.name;
    kernels.heap.set(design.table, at.table);
    this.#samples = samplesAt(kernels, at.samples, at.outputs);
    const start = at.x + at.history;
    this.input = kernels.heap.subarray(start, start + RUN_FRAMES);
    this.staging = stagingAt(kernels, at.staging);
    this.stagedSamples = samplesAt(kernels, at.staging, 2 * RUN_FRAMES);
    this.output = kernels.heap.subarray(at.output, at.output + at.outputs);
    const position = (steep === undefined ? 0 : this.#prepare(steep)) * design.step;
    const whole = Math.floor(position / design.phases);
    this.#phase = position - whole * design.phases;
    this.#next = at.history + whole - design.taps / 2 + 1;
  }

  widen(frames: number, channels: 1 | 2): void {
    widen(this.#kernels, frames, channels, this.#at.staging, this.#at.x + this.#at.history);
  }

  run(frames: number): number {
    this.#framesIn += frames;
    const made =
      this.#steep === undefined
        ? this.#interpolate(frames, this.#at.output)
        : this.#sharpen(frames, this.#steep);
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

  /**
   * Puts the steep filter's start so far back that all its strands are zero there. Returns the first
   * output of the first step that is not: it rings before the first frame.
   */
  #prepare({ back, reach, taps }: Steep): number {
    const { phases, step, taps: window } = this.#design;
    this.#kernels.heap.set(taps, this.#at.steep);
    const ringing = Math.ceil((window * phases) / (2 * step)) + 1;
    const zeroGroups = Math.floor((3 * back - ringing - GROUP.ahead) / GROUP.inputs);
    this.#early = (reach - 1 - zeroGroups) * GROUP.outputs;
    this.#held = 3 * back - ringing - zeroGroups * GROUP.inputs;
    return -ringing;
  }

  /** The first step, as far as the input reaches; returns how many outputs. */
  #interpolate(frames: number, out: number): number {
    const { phases, step, taps } = this.#design;
    const { x, history, table } = this.#at;
    const spare = history + frames - taps - this.#next;
    const outputs = spare < 0 ? 0 : Math.floor(((spare + 1) * phases - 1 - this.#phase) / step) + 1;
    const phase = this.#phase;
    if (outputs > 0) {
      const from = x + this.#next;
      this.#kernels.interpolate({ x: from, table, taps, phases, step, phase, outputs, out });
    }
    const position = phase + outputs * step;
    const whole = Math.floor(position / phases);
    this.#phase = position - whole * phases;
    this.#next += whole - frames;
    this.#kernels.heap.copyWithin(x, x + frames, x + frames + history);
    return outputs;
  }

  /** Both steps; returns how many outputs. */
  #sharpen(frames: number, { reach }: Steep): number {
    const { u, steep, strands, strand, products, output } = this.#at;
    this.#held += this.#interpolate(frames, u + this.#held);
    const groups = Math.max(0, Math.floor((this.#held - GROUP.ahead) / GROUP.inputs));
    if (groups === 0) return 0;
    const { heap } = this.#kernels;
    this.#kernels.sharpen({
      taps: steep,
      reach,
      u,
      strands,
      strand,
      groups,
      products,
      out: output,
    });
    const used = groups * GROUP.inputs;
    heap.copyWithin(u, u + used, u + this.#held);
    this.#held -= used;
    const made = groups * GROUP.outputs;
    const dropped = Math.min(this.#early, made);
    if (dropped > 0) heap.copyWithin(output, output + dropped, output + made);
    this.#early -= dropped;
    return made - dropped;
  }
}

function layOut(design: Polyphase, steep: Steep | undefined, rate: number): Layout {
  const perFrame = design.phases / design.step;
  const history = 2 * design.taps + 8 * Math.ceil(1 / perFrame) + 16;
  const outputs = words(Math.ceil((RUN_FRAMES * TARGET_RATE) / rate) + 64);
  const x = 0;
  const table = words(x + history + RUN_FRAMES);
  const u = words(table + design.table.length);
  let [steepAt, strands, strand, products, output] = [u, u, 0, u, u];
  if (steep !== undefined) {
    const made = Math.ceil(RUN_FRAMES * perFrame) + 8 * GROUP.inputs;
    steepAt = words(u + made);
    strands = words(steepAt + steep.taps.length);
    strand = words(steep.reach + made / GROUP.inputs + 8);
    products = strands + 27 * strand;
    output = products + 18 * strand;
  }
  const samples = output + outputs;
  const staging = words(samples + outputs / 2);
  const floats = staging + RUN_FRAMES;
  return {
    history,
    x,
    table,
    u,
    steep: steepAt,
    strands,
    strand,
    products,
    output,
    outputs,
    samples,
    staging,
    floats,
  };
}

/** Rounded up to whole groups of 16, for aligned vectors. */
function words(count: number): number {
  return Math.ceil(count / 16) * 16;
}
