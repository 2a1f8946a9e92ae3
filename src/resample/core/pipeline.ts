/**
 * PCM bytes of any format, cut anywhere, to chunks of 16 kHz mono: decode, pick or mix channels,
 * resample, quantize, cut. One lane for a mix or a single channel, one lane a channel for `split`.
 */
import { Chunker } from "./chunker.ts";
import { type ChannelChoice, mixWeights } from "./downmix.ts";
import { bytesPerFrame, checkFormat, type PcmFormat } from "./format.ts";
import { type KernelFactory } from "./kernels.ts";
import { LITTLE_ENDIAN, sampleReader, type SampleReader } from "./pcm.ts";
import { SignalWatch } from "./watch.ts";
import { RUN_FRAMES } from "./heap.ts";
import { createResampler, fastestKernels, type Resampler } from "./resampler.ts";

export interface PipelineOptions {
  /** "average" (default): all channels mixed; a number: that channel, from 0; "split": each alone. */
  readonly channel?: ChannelChoice | "split" | undefined;
  /** Length of a chunk, 20–400 ms; default 50. */
  readonly chunkMs?: number | undefined;
  /** Inner loops; default: SIMD where the host has it. */
  readonly kernels?: KernelFactory | undefined;
}

/** What one lane takes from a frame: a weight for each channel, or one channel as it is. */
type Blend = Float64Array | number;

interface Lane {
  readonly blend: Blend;
  readonly resampler: Resampler;
  readonly chunker: Chunker;
}

/** Chunks that belong together: one for each lane, all of one length. */
export type ChunkRow = Uint8Array<ArrayBuffer>[];

export class PcmPipeline {
  readonly #format: PcmFormat;
  readonly #frameBytes: number;
  readonly #read: SampleReader;
  readonly #lanes: readonly Lane[];
  /** Listens to the input, before it is mixed. */
  readonly watch: SignalWatch;
  /** Set for the common cases that the inner loops read themselves. */
  readonly #staged: 1 | 2 | undefined;
  /** Interleaved samples of one block; unused when a lane can be written directly. */
  readonly #block: Float32Array;
  /** Bytes of a frame that was cut. */
  readonly #carry: Uint8Array;
  #carried = 0;
  #frames = 0;

  /** @throws {RangeError} when the format, the channel or the chunk length is outside its limits. */
  constructor(format: PcmFormat, options: PipelineOptions = {}) {
    checkFormat(format);
    const { channel = "average", chunkMs, kernels = fastestKernels } = options;
    this.#format = format;
    this.#frameBytes = bytesPerFrame(format);
    this.#read = sampleReader(format.encoding);
    this.#lanes = blends(format, channel).map((blend) => ({
      blend,
      resampler: createResampler(format.rate, kernels),
      chunker: new Chunker(chunkMs),
    }));
    this.watch = new SignalWatch(format, channel === "average");
    this.#staged = stagedChannels(format, channel);
    this.#block = new Float32Array(format.channels === 1 ? 0 : RUN_FRAMES * format.channels);
    this.#carry = new Uint8Array(this.#frameBytes);
  }

  /** Frames taken so far, at the input's rate. */
  get frames(): number {
    return this.#frames;
  }

  /** Takes any number of bytes, which may be reused after; returns every row that they complete. */
  push(bytes: Uint8Array): ChunkRow[] {
    const rows: ChunkRow[] = [];
    let offset = 0;
    if (this.#carried > 0) {
      offset = Math.min(this.#frameBytes - this.#carried, bytes.length);
      this.#carry.set(bytes.subarray(0, offset), this.#carried);
      this.#carried += offset;
      if (this.#carried < this.#frameBytes) return rows;
      this.#carried = 0;
      this.#run(new DataView(this.#carry.buffer), 0, 1, rows);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    while (bytes.length - offset >= this.#frameBytes) {
      const whole = Math.floor((bytes.length - offset) / this.#frameBytes);
      const frames = Math.min(whole, RUN_FRAMES);
      this.#run(view, offset, frames, rows);
      offset += frames * this.#frameBytes;
    }
    this.#carried = bytes.length - offset;
    if (this.#carried > 0) this.#carry.set(bytes.subarray(offset));
    return rows;
  }

  /** The input is over: the tail of the filter and the last, short chunk. Half a frame is dropped. */
  flush(): ChunkRow[] {
    this.watch.end();
    const rows: ChunkRow[] = [];
    this.#cut((resampler) => resampler.flush(), rows);
    const last = this.#lanes.flatMap(({ chunker }) => chunker.flush() ?? []);
    if (last.length > 0) rows.push(last);
    return rows;
  }

  #run(view: DataView, offset: number, frames: number, rows: ChunkRow[]): void {
    const { channels } = this.#format;
    const [first] = this.#lanes;
    if (this.#staged !== undefined && first !== undefined) {
      const bytes = frames * this.#frameBytes;
      first.resampler.staging.set(new Uint8Array(view.buffer, view.byteOffset + offset, bytes));
      first.resampler.widen(frames, this.#staged);
      this.watch.push(first.resampler.stagedSamples, frames, 32_768);
    } else if (channels === 1 && first !== undefined) {
      this.#read(view, offset, frames, first.resampler.input, 0);
      this.watch.push(first.resampler.input, frames, 1);
    } else {
      this.#read(view, offset, frames * channels, this.#block, 0);
      this.watch.push(this.#block, frames, 1);
      for (const { blend, resampler } of this.#lanes) {
        mix(this.#block, channels, blend, resampler.input, frames);
      }
    }
    this.#frames += frames;
    this.#cut((resampler) => resampler.run(frames), rows);
  }

  #cut(work: (resampler: Resampler) => number, rows: ChunkRow[]): void {
    const start = rows.length;
    for (const { resampler, chunker } of this.#lanes) {
      const chunks = chunker.push(resampler.quantize(work(resampler)));
      for (const [i, chunk] of chunks.entries()) {
        const row = rows[start + i];
        if (row === undefined) rows.push([chunk]);
        else row.push(chunk);
      }
    }
  }
}

function stagedChannels(format: PcmFormat, channel: ChannelChoice | "split"): 1 | 2 | undefined {
  if (!LITTLE_ENDIAN || format.encoding !== "s16le") return undefined;
  if (format.channels === 1) return 1;
  return format.channels === 2 && channel === "average" ? 2 : undefined;
}

function blends(format: PcmFormat, channel: ChannelChoice | "split"): Blend[] {
  if (channel === "split") return Array.from({ length: format.channels }, (_, index) => index);
  if (channel === "average") return [mixWeights(format)];
  if (!Number.isInteger(channel) || channel < 0 || channel >= format.channels) {
    throw new RangeError(
      `Cannot pick a channel: channel must be 0 to ${format.channels - 1}, got ${channel}`,
    );
  }
  return [channel];
}

function mix(
  block: Float32Array,
  channels: number,
  blend: Blend,
  out: Float32Array,
  frames: number,
): void {
  if (typeof blend === "number") {
    for (let i = 0, at = blend; i < frames; i++, at += channels) out[i] = block[at] ?? 0;
  } else if (channels === 2) {
    for (let i = 0; i < frames; i++) {
      out[i] = ((block[2 * i] ?? 0) + (block[2 * i + 1] ?? 0)) * 0.5;
    }
  } else {
    for (let i = 0, at = 0; i < frames; i++) {
      let sum = 0;
      for (let j = 0; j < channels; j++, at++) sum += (block[at] ?? 0) * (blend[j] ?? 0);
      out[i] = sum;
    }
  }
}
