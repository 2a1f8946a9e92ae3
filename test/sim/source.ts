/**
 * Audio in which words can be heard exactly. A word's first sample is 32767, the next two its number,
 * each further one how many frames are left of it; a sample of silence is minus the frames until the
 * next word (0 = none will come). So a recognizer finds every word without looking at every sample,
 * wherever the audio was cut.
 */
import { Random } from "./random.ts";

export interface SpokenTruth {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Source {
  readonly samples: Int16Array;
  readonly words: readonly SpokenTruth[];
  /** All audio: the samples, over and over. */
  readonly frames: number;
}

/** The same audio again and again, for as long as wanted, without the memory for it. */
export function repeated(source: Source, times: number): Source {
  const length = source.samples.length;
  const words = Array.from({ length: times }, (_, round) =>
    source.words.map(({ text, start, end }) => ({
      text,
      start: start + round * length,
      end: end + round * length,
    })),
  ).flat();
  return { samples: source.samples, words, frames: length * times };
}

const HEADER = 32_767;
const DIGITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "zero"];
const PLAIN = ["the", "cat", "sat", "on", "a", "mat", "and", "said", "hello", "again"];

/** How the words follow each other. */
type Rhythm = "talk" | "no-no-no" | "digits" | "sparse";

/** Sources are made once: making one costs more than running a session on it. */
export function makeSources(count: number, seconds: number): Source[] {
  return Array.from({ length: count }, (_, index) => makeSource(new Random(7000 + index), seconds));
}

export function makeSource(random: Random, seconds: number, rhythm?: Rhythm): Source {
  const kind = rhythm ?? random.pick<Rhythm>(["talk", "talk", "no-no-no", "digits", "sparse"]);
  const frames = Math.round(seconds * 16_000);
  const words: SpokenTruth[] = [];
  let at = random.integer(0, 16_000);
  for (;;) {
    const length = random.integer(1600, kind === "talk" ? 9600 : 6400);
    if (at + length > frames) break;
    words.push({ text: textOf(kind, words.length, random), start: at, end: at + length });
    at += length + pause(kind, random);
  }
  return { samples: encode(words, frames), words, frames };
}

/** A 16-digit card number, read twice. */
export function cardNumberSource(): Source {
  const card = "4929137700418256".split("").map((digit) => DIGITS[(Number(digit) + 9) % 10] ?? "");
  const words: SpokenTruth[] = [];
  let at = 4000;
  for (const [index, text] of [...card, ...card].entries()) {
    words.push({ text, start: at, end: at + 4000 });
    at += 4000 + (index === 15 ? 16_000 : index % 4 === 3 ? 3200 : 320);
  }
  return { samples: encode(words, at + 16_000), words, frames: at + 16_000 };
}

function textOf(kind: Rhythm, index: number, random: Random): string {
  if (kind === "no-no-no") return random.chance(0.9) ? "no" : "yes";
  if (kind === "digits") return random.pick(DIGITS);
  return `${random.pick(PLAIN)}${random.chance(0.5) ? "" : index}`;
}

function pause(kind: Rhythm, random: Random): number {
  if (random.chance(0.25)) return 0;
  if (kind === "sparse") return random.integer(8000, 160_000);
  if (random.chance(0.08)) return random.integer(16_000, 96_000);
  return random.integer(160, 4800);
}

function encode(words: readonly SpokenTruth[], frames: number): Int16Array {
  const samples = new Int16Array(frames);
  let at = 0;
  for (const [index, word] of words.entries()) {
    for (; at < word.start; at += 1) samples[at] = -Math.min(32_768, word.start - at);
    samples[at] = HEADER;
    samples[at + 1] = index >> 14;
    samples[at + 2] = index & 0x3fff;
    for (at += 3; at < word.end; at += 1) samples[at] = word.end - at;
  }
  return samples;
}

/** A word as one connection heard it: number and bounds on the connection's clock. */
export interface HeardTruth {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** Silence of unknown length is looked at again after this. */
const LONG_STEP = 1000;

/** The ideal recognizer: whole words are heard, cut ones are not. */
export class Listener {
  readonly heard: HeardTruth[] = [];
  #samples = new Int16Array(32_768);
  #length = 0;
  #at = 0;

  get frames(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    const count = bytes.length >> 1;
    if (this.#length + count > this.#samples.length) {
      const larger = new Int16Array(Math.max(this.#samples.length * 2, this.#length + count));
      larger.set(this.#samples);
      this.#samples = larger;
    }
    const target = new Uint8Array(this.#samples.buffer);
    target.set(bytes.subarray(0, count * 2), this.#length * 2);
    this.#length += count;
    this.#listen();
  }

  #listen(): void {
    while (this.#at < this.#length) {
      const value = this.#samples[this.#at] ?? 0;
      if (value !== HEADER) {
        const step = this.#stepOver(value);
        if (step === 0) return;
        this.#at += step;
        continue;
      }
      if (this.#at + 3 >= this.#length) return;
      const end = this.#at + 3 + (this.#samples[this.#at + 3] ?? 0);
      if (end > this.#length) return;
      if (this.#isWhole(this.#at + 3, end)) {
        const high = this.#samples[this.#at + 1] ?? 0;
        const index = (high << 14) | (this.#samples[this.#at + 2] ?? 0);
        this.heard.push({ index, start: this.#at, end });
        this.#at = end;
      } else this.#at += 1;
    }
  }

  /**
   * Frames to the next word, or to the end of one that began before; 0 = that is still to come. What
   * the samples promise holds only where nothing was left out on the way.
   */
  #stepOver(value: number): number {
    if (value === 0) return 1;
    const isLong = value === -32_768;
    const frames = isLong ? LONG_STEP : Math.abs(value);
    const left = frames - (this.#length - this.#at);
    const last = this.#samples[Math.min(this.#at + frames, this.#length) - 1] ?? 0;
    if (isLong) return left > 0 ? 0 : last <= value + LONG_STEP ? frames : 1;
    const isKept = Math.abs(last) === Math.max(0, left) + 1 && last < 0 === value < 0;
    if (!isKept) return 1;
    return left > 0 ? 0 : frames;
  }

  /** A stretch that was left out inside the word shows at its end. */
  #isWhole(body: number, end: number): boolean {
    const middle = (body + end) >> 1;
    return this.#samples[end - 1] === 1 && this.#samples[middle] === end - middle;
  }
}
