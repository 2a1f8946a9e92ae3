/**
 * Integrated loudness after ITU-R BS.1770-5: K-weighting, 400 ms blocks that overlap by three
 * quarters, an absolute gate at -70 LUFS and a relative one 10 LU below what passes it. Blocks are
 * kept as a histogram of 0.1 LU with their exact sums, so that memory does not grow.
 */
import { type PcmFormat } from "./format.ts";
import { layout } from "./downmix.ts";

const LOWEST = -70;
const BINS_PER_LU = 10;
const BINS = 100 * BINS_PER_LU;
/** Quarters of a block. */
const QUARTERS = 4;

/** A second-order filter section, a0 = 1. */
interface Section {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

/**
 * The two sections of K-weighting for any rate: those that the recommendation gives for 48 kHz,
 * taken back to analog parameters (B. De Man, "Evaluation of implementations of the EBU R128
 * loudness measurement", AES 145, 2018).
 */
export function weightingSections(rate: number): [Section, Section] {
  const shelf = Math.tan((Math.PI * 1_681.974450955533) / rate);
  const gain = 10 ** (3.999843853973347 / 20);
  const middle = gain ** 0.4996667741545416;
  const shelfQ = 0.7071752369554196;
  const norm = 1 + shelf / shelfQ + shelf * shelf;
  const high: Section = {
    b0: (gain + (middle * shelf) / shelfQ + shelf * shelf) / norm,
    b1: (2 * (shelf * shelf - gain)) / norm,
    b2: (gain - (middle * shelf) / shelfQ + shelf * shelf) / norm,
    a1: (2 * (shelf * shelf - 1)) / norm,
    a2: (1 - shelf / shelfQ + shelf * shelf) / norm,
  };
  const pass = Math.tan((Math.PI * 38.13547087602444) / rate);
  const passQ = 0.5003270373238773;
  const passNorm = 1 + pass / passQ + pass * pass;
  const low: Section = {
    b0: 1,
    b1: -2,
    b2: 1,
    a1: (2 * (pass * pass - 1)) / passNorm,
    a2: (1 - pass / passQ + pass * pass) / passNorm,
  };
  return [high, low];
}

/** Takes interleaved frames as fractions of full scale. */
export class LoudnessMeter {
  readonly #channels: number;
  readonly #weights: number[];
  readonly #sections: readonly Section[];
  /** Two delays for each section and channel. */
  readonly #delays: Float64Array;
  readonly #quarterFrames: number;
  /** Weighted sums of squares of the last quarters, a ring. */
  readonly #quarters = new Float64Array(QUARTERS);
  readonly #counts = new Float64Array(BINS);
  readonly #powers = new Float64Array(BINS);
  #quarter = 0;
  #quartersDone = 0;
  #frames = 0;

  constructor(format: PcmFormat) {
    this.#channels = format.channels;
    this.#weights = layout(format).map(({ surround, lowFrequency }) =>
      lowFrequency ? 0 : surround ? 1.41 : 1,
    );
    this.#sections = weightingSections(format.rate);
    this.#delays = new Float64Array(format.channels * this.#sections.length * 2);
    this.#quarterFrames = Math.round(format.rate / 10);
  }

  push(samples: Float32Array, frames: number): void {
    for (let at = 0; at < frames;) {
      const count = Math.min(frames - at, this.#quarterFrames - this.#frames);
      for (let channel = 0; channel < this.#channels; channel++) {
        const power = this.#weigh(samples, at, count, channel);
        this.#quarters[this.#quarter] =
          (this.#quarters[this.#quarter] ?? 0) + power * (this.#weights[channel] ?? 1);
      }
      this.#frames += count;
      at += count;
      if (this.#frames === this.#quarterFrames) this.#endQuarter();
    }
  }

  /** LUFS; undefined for less than 400 ms, or when all of it lies below the gate. */
  get integrated(): number | undefined {
    const ungated = this.#mean(0);
    if (ungated === undefined) return undefined;
    const gate = loudnessOf(ungated) - 10;
    const mean = this.#mean(Math.max(0, Math.ceil((gate - LOWEST) * BINS_PER_LU)));
    return mean === undefined ? undefined : loudnessOf(mean);
  }

  #weigh(samples: Float32Array, from: number, count: number, channel: number): number {
    const channels = this.#channels;
    const [high, low] = this.#sections;
    if (high === undefined || low === undefined) return 0;
    const at = channel * 4;
    let [x1 = 0, x2 = 0, y1 = 0, y2 = 0] = this.#delays.subarray(at, at + 4);
    let power = 0;
    for (let i = from * channels + channel, end = i + count * channels; i < end; i += channels) {
      // Direct form II, one section after the other.
      const first = (samples[i] ?? 0) - high.a1 * x1 - high.a2 * x2;
      const shelved = high.b0 * first + high.b1 * x1 + high.b2 * x2;
      x2 = x1;
      x1 = first;
      const second = shelved - low.a1 * y1 - low.a2 * y2;
      const weighted = low.b0 * second + low.b1 * y1 + low.b2 * y2;
      y2 = y1;
      y1 = second;
      power += weighted * weighted;
    }
    this.#delays.set([x1, x2, y1, y2], at);
    return power;
  }

  #endQuarter(): void {
    this.#frames = 0;
    this.#quartersDone += 1;
    this.#quarter = (this.#quarter + 1) % QUARTERS;
    if (this.#quartersDone >= QUARTERS) {
      const sum = this.#quarters.reduce((total, power) => total + power, 0);
      const power = sum / (QUARTERS * this.#quarterFrames);
      const bin = Math.floor((loudnessOf(power) - LOWEST) * BINS_PER_LU);
      if (bin >= 0) {
        const kept = Math.min(bin, BINS - 1);
        this.#counts[kept] = (this.#counts[kept] ?? 0) + 1;
        this.#powers[kept] = (this.#powers[kept] ?? 0) + power;
      }
    }
    this.#quarters[this.#quarter] = 0;
  }

  #mean(firstBin: number): number | undefined {
    let count = 0;
    let power = 0;
    for (let bin = firstBin; bin < BINS; bin++) {
      count += this.#counts[bin] ?? 0;
      power += this.#powers[bin] ?? 0;
    }
    return count === 0 ? undefined : power / count;
  }
}

function loudnessOf(power: number): number {
  return -0.691 + 10 * Math.log10(power);
}
