/**
 * Hears the words of `tone-speech.ts` in a stream of samples. A transducer: how the samples are cut
 * into pushes changes nothing. Pure.
 */
import { WIRE_RATE } from "../stream/core/wire.ts";
import {
  decodeWord,
  MAX_SYMBOLS,
  spell,
  SYMBOL_FRAMES,
  TONE_COUNT,
  toneFrequency,
} from "./tone-speech.ts";

/** A sample below this is silence: -38 dB of full scale. */
const QUIET = 400;
/** Silence that ends a word: longer than any tone stays near zero. */
const END_FRAMES = 80;
/** Share of a symbol's energy that must lie in one tone. */
const CLEAR_SHARE = 0.6;

export interface HeardWord {
  readonly text: string;
  readonly startFrame: number;
  readonly endFrame: number;
  /** Mean share of the energy in the tones that were heard, 0 to 1. */
  readonly clarity: number;
}

/**
 * Invariant: `start <= position`; while no word is open, `start` is undefined and the symbol buffer
 * is empty. Holds at most one symbol of samples and `MAX_SYMBOLS` symbols; what goes on longer than
 * that without a pause is no word and is dropped.
 */
export class ToneListener {
  #position = 0;
  #start: number | undefined;
  #lastLoud = 0;
  #filled = 0;
  readonly #buffer = new Float64Array(SYMBOL_FRAMES);
  #symbols: (number | undefined)[] = [];
  #clarity = 0;
  #tooLong = false;

  /** Frames heard so far. */
  get position(): number {
    return this.#position;
  }

  /** Where the word that is being spoken began. */
  get openStart(): number | undefined {
    return this.#tooLong ? undefined : this.#start;
  }

  /** What of the open word can be read already; empty when nothing. */
  get openText(): string {
    return this.#tooLong ? "" : spell(this.#symbols.slice(1));
  }

  /** Hears more samples; the words that ended in them. */
  push(samples: Int16Array): HeardWord[] {
    const words: HeardWord[] = [];
    for (const sample of samples) {
      const loud = sample > QUIET || sample < -QUIET;
      if (loud) {
        this.#start ??= this.#position;
        this.#lastLoud = this.#position;
      }
      this.#position++;
      if (this.#start === undefined) continue;
      this.#buffer[this.#filled++] = sample;
      if (this.#filled === SYMBOL_FRAMES) this.#endSymbol();
      if (this.#position - this.#lastLoud > END_FRAMES) this.#endWord(words);
    }
    return words;
  }

  /** No more samples: ends the word that is open. */
  flush(): HeardWord[] {
    const words: HeardWord[] = [];
    if (this.#start !== undefined) this.#endWord(words);
    return words;
  }

  #endSymbol(): void {
    this.#filled = 0;
    if (this.#symbols.length >= MAX_SYMBOLS) this.#tooLong = true;
    if (this.#tooLong) return;
    const { tone, share } = strongestTone(this.#buffer);
    this.#clarity += share;
    this.#symbols.push(share >= CLEAR_SHARE ? tone : undefined);
  }

  #endWord(words: HeardWord[]): void {
    const startFrame = this.#start ?? this.#position;
    // The silence that ended the word may have completed a symbol that holds nothing but silence.
    const spoken = Math.round((this.#lastLoud + 1 - startFrame) / SYMBOL_FRAMES);
    const symbols = this.#symbols.slice(0, spoken);
    const decoded = this.#tooLong ? undefined : decodeWord(symbols);
    if (decoded !== undefined) {
      words.push({
        text: decoded.text,
        startFrame,
        endFrame: this.#lastLoud + 1,
        clarity: Math.min(1, this.#clarity / Math.max(1, this.#symbols.length)),
      });
    }
    this.#start = undefined;
    this.#filled = 0;
    this.#symbols = [];
    this.#clarity = 0;
    this.#tooLong = false;
  }
}

/** Cosine and sine of each tone, one symbol long. */
const TABLES = Array.from({ length: TONE_COUNT }, (_unused, tone) => {
  const cos = new Float64Array(SYMBOL_FRAMES);
  const sin = new Float64Array(SYMBOL_FRAMES);
  const step = (2 * Math.PI * toneFrequency(tone)) / WIRE_RATE;
  for (let frame = 0; frame < SYMBOL_FRAMES; frame++) {
    cos[frame] = Math.cos(step * frame);
    sin[frame] = Math.sin(step * frame);
  }
  return { cos, sin };
});

function strongestTone(samples: Float64Array): { tone: number; share: number } {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  let best = 0;
  let bestPower = -1;
  for (let tone = 0; tone < TABLES.length; tone++) {
    const power = tonePower(samples, tone);
    if (power > bestPower) {
      bestPower = power;
      best = tone;
    }
  }
  // A pure tone of energy E over N samples has power E * N / 2.
  const share = energy === 0 ? 0 : (2 * bestPower) / (energy * SYMBOL_FRAMES);
  return { tone: best, share };
}

function tonePower(samples: Float64Array, tone: number): number {
  const table = TABLES[tone];
  if (table === undefined) return 0;
  const { cos, sin } = table;
  let real = 0;
  let imaginary = 0;
  for (let frame = 0; frame < SYMBOL_FRAMES; frame++) {
    const sample = samples[frame] ?? 0;
    real += sample * (cos[frame] ?? 0);
    imaginary += sample * (sin[frame] ?? 0);
  }
  return real * real + imaginary * imaginary;
}
