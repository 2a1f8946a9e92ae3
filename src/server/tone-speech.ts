/**
 * Speech for machines: words coded as tones, so that a test can say exactly what is heard and when.
 * Pure. {@link speakTones} makes the audio, `tones.ts` hears it.
 *
 * A word is a run of symbols without a pause: a start symbol, one symbol a character (two for an
 * upper-case letter), a check symbol. A symbol is 10 ms of one tone. Tones lie 100 Hz apart, so each
 * has whole periods in a symbol and they do not leak into each other; with the starting phase of
 * 45° neither the first nor the last sample of any symbol is near zero, so a word's bounds are exact
 * to the frame.
 */
import { WIRE_RATE } from "../stream/core/wire.ts";

/** Frames of one symbol: 10 ms at 16 kHz. */
export const SYMBOL_FRAMES = 160;
/** Silence that must lie between two words. */
export const MIN_GAP_FRAMES = 160;
/** Longest word, its start and check symbols included. */
export const MAX_SYMBOLS = 64;

const CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789'-.,?!:$%";
const SHIFT = CHARACTERS.length;
const START = CHARACTERS.length + 1;
/** Tones in use: the characters, shift, start. The check symbol reuses the characters' tones. */
export const TONE_COUNT = CHARACTERS.length + 2;
const LOWEST_HZ = 400;
const STEP_HZ = 100;
const AMPLITUDE = 16_000;

/** The sine of one tone at each frame of a symbol, without amplitude. */
export function toneFrequency(tone: number): number {
  return LOWEST_HZ + STEP_HZ * tone;
}

/** The characters a word may have, beside upper-case A to Z. */
export const SPEAKABLE = CHARACTERS;

/** Tone numbers of a word's characters, without start and check. */
function toneNumbers(text: string): number[] {
  const tones: number[] = [];
  for (const character of text) {
    const lower = character.toLowerCase();
    const tone = CHARACTERS.indexOf(lower);
    if (tone < 0) {
      throw new RangeError(
        `Cannot speak "${text}": characters must be letters A to Z, digits or one of '-.,?!:$%, got "${character}".`,
      );
    }
    if (lower !== character) tones.push(SHIFT);
    tones.push(tone);
  }
  return tones;
}

function checkTone(tones: readonly number[]): number {
  let sum = 7;
  for (const tone of tones) sum = (sum * 31 + tone + 1) % 65_521;
  return sum % CHARACTERS.length;
}

/** All symbols of a word: start, characters, check. */
export function encodeWord(text: string): number[] {
  const tones = toneNumbers(text);
  if (tones.length === 0 || tones.length + 2 > MAX_SYMBOLS) {
    throw new RangeError(
      `Cannot speak "${text}": length must be 1 to ${MAX_SYMBOLS - 2} symbols, got ${tones.length}.`,
    );
  }
  return [START, ...tones, checkTone(tones)];
}

/** What a run of symbols says. `undefined` in the input is a symbol that was no clear tone. */
export interface DecodedWord {
  readonly text: string;
  /** Start and check symbols were there and agree. */
  readonly whole: boolean;
}

/**
 * The word that these symbols spell. A word that was cut shows it: its readable beginning and `…`,
 * or `…` alone when the beginning is missing. `undefined`: these were no tones.
 */
export function decodeWord(symbols: readonly (number | undefined)[]): DecodedWord | undefined {
  const clear = symbols.filter((symbol) => symbol !== undefined);
  if (clear.length === 0 || clear.length * 2 < symbols.length) return undefined;
  if (symbols[0] !== START) return { text: "…", whole: false };
  const body = symbols.slice(1, -1);
  const known = body.filter((symbol) => symbol !== undefined);
  const whole =
    known.length === body.length && known.length > 0 && symbols.at(-1) === checkTone(known);
  if (whole) return { text: spell(known), whole };
  return { text: `${spell(symbols.slice(1))}…`, whole };
}

/** Characters up to the first symbol that is none. */
export function spell(symbols: readonly (number | undefined)[]): string {
  let text = "";
  let upper = false;
  for (const symbol of symbols) {
    if (symbol === SHIFT) {
      upper = true;
      continue;
    }
    const character = symbol === undefined ? undefined : CHARACTERS[symbol];
    if (character === undefined) break;
    text += upper ? character.toUpperCase() : character;
    upper = false;
  }
  return text;
}

/** One spoken word and its exact bounds, `endFrame` exclusive. */
export interface SpokenWord {
  /** As the tone recognizer spells it. */
  readonly text: string;
  /** Frames at 16 kHz since the first sample. */
  readonly startFrame: number;
  /** Frames at 16 kHz since the first sample. */
  readonly endFrame: number;
}

/** Audio, and what is said in it. */
export interface ToneSpeech {
  /** 16 kHz mono. */
  readonly samples: Int16Array;
  /** In the order in which they are said. */
  readonly words: readonly SpokenWord[];
}

/** The pauses of synthetic speech, in seconds. */
export interface SpeakOptions {
  /** Silence before the first word. Default 0.2. */
  readonly leadSeconds?: number;
  /** Silence between words, at least 0.01. Default 0.1. */
  readonly gapSeconds?: number;
  /** Silence for each `|` in the script. Default 1.5, longer than the default end of an utterance. */
  readonly pauseSeconds?: number;
  /** Silence after the last word. Default 0.2. */
  readonly tailSeconds?: number;
}

/**
 * Audio that says these words, and where each of them lies.
 *
 * @param script words with white space between them; a lone `|` is a pause.
 * @throws RangeError for a character that has no tone or a gap under 10 ms.
 * @example
 * const { samples, words } = speakTones("good morning | how are you");
 */
export function speakTones(script: string, options: SpeakOptions = {}): ToneSpeech {
  const gap = secondsToFrames(options.gapSeconds ?? 0.1);
  if (gap < MIN_GAP_FRAMES) {
    throw new RangeError(
      `Cannot speak: gapSeconds must be at least ${MIN_GAP_FRAMES / WIRE_RATE}, got ${options.gapSeconds}.`,
    );
  }
  const pause = secondsToFrames(options.pauseSeconds ?? 1.5);
  const words: SpokenWord[] = [];
  let position = secondsToFrames(options.leadSeconds ?? 0.2);
  for (const token of script.split(/\s+/u).filter((part) => part !== "")) {
    if (token === "|") {
      position += pause;
      continue;
    }
    const endFrame = position + encodeWord(token).length * SYMBOL_FRAMES;
    words.push({ text: token, startFrame: position, endFrame });
    position = endFrame + gap;
  }
  const lastEnd = words.at(-1)?.endFrame ?? position;
  const tail = secondsToFrames(options.tailSeconds ?? 0.2);
  return { words, samples: renderWords(words, Math.max(lastEnd, position - gap) + tail) };
}

/** Audio of `lengthFrames` with these words at their places. */
export function renderWords(words: readonly SpokenWord[], lengthFrames: number): Int16Array {
  const samples = new Int16Array(lengthFrames);
  for (const word of words) {
    let at = word.startFrame;
    for (const symbol of encodeWord(word.text)) {
      samples.set(symbolSamples(symbol).subarray(0, Math.max(0, lengthFrames - at)), at);
      at += SYMBOL_FRAMES;
    }
  }
  return samples;
}

/** Samples as a WAV file: 16 kHz mono s16le, a header of 44 bytes. */
export function wavBytes(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(44 + samples.length * 2);
  const view = new DataView(bytes.buffer);
  const text = (at: number, tag: string): void => {
    for (let n = 0; n < tag.length; n++) bytes[at + n] = tag.codePointAt(n) ?? 0;
  };
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, WIRE_RATE, true);
  view.setUint32(28, WIRE_RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples.length * 2, true);
  for (let n = 0; n < samples.length; n++) view.setInt16(44 + n * 2, samples[n] ?? 0, true);
  return bytes;
}

const rendered = new Map<number, Int16Array>();

function symbolSamples(tone: number): Int16Array {
  const known = rendered.get(tone);
  if (known !== undefined) return known;
  const samples = new Int16Array(SYMBOL_FRAMES);
  const step = (2 * Math.PI * toneFrequency(tone)) / WIRE_RATE;
  for (let frame = 0; frame < SYMBOL_FRAMES; frame++) {
    samples[frame] = Math.round(AMPLITUDE * Math.cos(Math.PI / 4 + step * frame));
  }
  rendered.set(tone, samples);
  return samples;
}

function secondsToFrames(seconds: number): number {
  return Math.round(seconds * WIRE_RATE);
}
