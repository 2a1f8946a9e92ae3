/**
 * Listens for what spoils recognition and cannot be heard from the words: clipping, silence, and
 * two channels that cancel each other in a mix. It looks at every third frame, which cannot miss a
 * run of three.
 */
import { type Encoding, type PcmFormat } from "./format.ts";

/** Something that was noticed. */
export interface Finding {
  readonly code: "clipping" | "cancelling" | "silence";
  readonly atSeconds: number;
}

/** Frames between two looks. */
const STRIDE = 3;
/** So many samples at full scale in a row are no peak but a cut-off one. */
const RUN = 3;
/** Below -80 dBFS in every sample: nobody spoke. */
const SILENT = 1e-4;
/** Mean square of a window that is worth judging: -50 dBFS. */
const AUDIBLE = 1e-5;
/** Correlation below this: in the mix, less than half the power is left. */
const OPPOSED = -0.5;

/** Highest value of an encoding, as a fraction of full scale. */
const HIGHEST: Readonly<Partial<Record<Encoding, number>>> = {
  u8: 127 / 128,
  s8: 127 / 128,
  mulaw: 32_124 / 32_768,
  alaw: 32_256 / 32_768,
};

/** Takes interleaved frames, as fractions of full scale or as 16-bit integers. */
export class SignalWatch {
  readonly #channels: number;
  readonly #rate: number;
  readonly #highest: number;
  readonly #pair: boolean;
  readonly #findings: Finding[] = [];
  #frames = 0;
  #skip = 0;
  #peak = 0;
  #clipped = false;
  /** For each channel, how many samples at its end so far are at full scale in a row; signed as they are. */
  readonly #ends: Int8Array;
  #opposed = false;
  #left = 0;
  #right = 0;
  #product = 0;
  #window = 0;

  /** @param mixed whether the channels will be mixed: only then can they cancel */
  constructor(format: PcmFormat, mixed: boolean) {
    this.#channels = format.channels;
    this.#rate = format.rate;
    this.#highest = HIGHEST[format.encoding] ?? 32_767 / 32_768;
    this.#ends = new Int8Array(format.channels);
    this.#pair = mixed && format.channels === 2;
  }

  /** Loudest sample seen, as a fraction of full scale. */
  get peak(): number {
    return this.#peak;
  }

  /** What was noticed since the last call; each kind comes once. */
  take(): Finding[] {
    return this.#findings.splice(0);
  }

  /** @param fullScale 1, or 32768 for integers */
  push(samples: Float32Array | Int16Array, frames: number, fullScale: number): void {
    if (!this.#clipped) this.#joinRuns(samples, frames, this.#highest * fullScale);
    this.#look(samples, frames, fullScale);
    if (this.#pair && !this.#opposed) this.#correlate(samples, frames, fullScale);
    this.#frames += frames;
    this.#skip = (STRIDE - ((frames - this.#skip) % STRIDE)) % STRIDE;
  }

  /** The input is over. */
  end(): void {
    if (this.#peak < SILENT) this.#findings.push({ code: "silence", atSeconds: 0 });
  }

  #look(samples: Float32Array | Int16Array, frames: number, fullScale: number): void {
    const channels = this.#channels;
    const end = frames * channels;
    let highest = 0;
    let lowest = 0;
    for (let channel = 0; channel < channels; channel++) {
      const first = this.#skip * channels + channel;
      for (let i = first; i < end; i += STRIDE * channels) {
        const sample = samples[i] ?? 0;
        if (sample > highest) highest = sample;
        else if (sample < lowest) lowest = sample;
      }
    }
    const loudest = Math.max(highest, -lowest) / fullScale;
    if (loudest > this.#peak) this.#peak = loudest;
    if (loudest >= this.#highest && !this.#clipped) this.#seekRun(samples, end, fullScale);
  }

  /** A run that a block ends in goes on in the next one. */
  #joinRuns(samples: Float32Array | Int16Array, frames: number, highest: number): void {
    const channels = this.#channels;
    const end = frames * channels;
    let longest = 0;
    for (let channel = 0; channel < channels; channel++) {
      const before = this.#ends[channel] ?? 0;
      const from = (frames - 1) * channels + channel;
      const after = runFrom(samples, from, -channels, end, highest);
      const whole = Math.abs(after) === frames && before * after > 0;
      this.#ends[channel] = whole ? before + after : after;
      const start = before === 0 ? 0 : runFrom(samples, channel, channels, end, highest);
      if (before * start > 0 && Math.abs(before + start) >= RUN) {
        longest = Math.max(longest, Math.abs(before));
      }
    }
    if (longest > 0) this.#tellClipping(this.#frames - longest);
  }

  #tellClipping(frame: number): void {
    this.#clipped = true;
    this.#findings.push({ code: "clipping", atSeconds: frame / this.#rate });
  }

  /** Something is at full scale: the first place where that is a run, if any. */
  #seekRun(samples: Float32Array | Int16Array, end: number, fullScale: number): void {
    const highest = this.#highest * fullScale;
    const channels = this.#channels;
    for (let i = 0; i < end; i++) {
      // The first of a run: those before it were looked at.
      if (Math.abs(runFrom(samples, i, channels, end, highest)) >= RUN) {
        this.#tellClipping(this.#frames + Math.floor(i / channels));
        return;
      }
    }
  }

  #correlate(samples: Float32Array | Int16Array, frames: number, fullScale: number): void {
    const scale = 1 / (fullScale * fullScale);
    for (let i = 2 * this.#skip; i < 2 * frames; i += 2 * STRIDE) {
      const left = samples[i] ?? 0;
      const right = samples[i + 1] ?? 0;
      this.#left += left * left * scale;
      this.#right += right * right * scale;
      this.#product += left * right * scale;
    }
    this.#window += frames;
    if (this.#window < this.#rate) return;
    const looks = this.#window / STRIDE;
    const audible = Math.min(this.#left, this.#right) > AUDIBLE * looks;
    if (audible && this.#product < OPPOSED * Math.sqrt(this.#left * this.#right)) {
      this.#opposed = true;
      const start = this.#frames + frames - this.#window;
      this.#findings.push({ code: "cancelling", atSeconds: Math.max(0, start) / this.#rate });
    }
    this.#left = 0;
    this.#right = 0;
    this.#product = 0;
    this.#window = 0;
  }
}

/** How many samples from here on are at full scale in a row before `end`, at most {@link RUN}; signed as they are. */
function runFrom(
  samples: Float32Array | Int16Array,
  from: number,
  step: number,
  end: number,
  highest: number,
): number {
  const sign = Math.sign(samples[from] ?? 0);
  let length = 0;
  let i = from;
  while (length < RUN && i >= 0 && i < end && (samples[i] ?? 0) * sign >= highest) {
    length += 1;
    i += step;
  }
  return length * sign;
}
