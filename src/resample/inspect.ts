/** What a piece of audio is, and whether it is fit to be recognized. */
import { type DecoderFacts, endsEarly } from "./core/ffmpeg-log.ts";
import { bytesPerFrame, type Encoding } from "./core/format.ts";
import { concat, type PcmHeader } from "./core/header.ts";
import { LoudnessMeter } from "./core/loudness.ts";
import { sampleReader } from "./core/pcm.ts";
import { checkOptions, type ReadOptions } from "./options.ts";
import { type PcmReader, readAudio } from "./read.ts";
import { type AudioSource, openSource, unreadable } from "./source.ts";

/** The facts of a piece of audio. Levels are relative to full scale; undefined: nothing to measure. */
export interface AudioFacts {
  /** "wav", "rf64", "w64", "raw", or as FFmpeg names it: "mp3", "mov,mp4,m4a,3gp,3g2,mj2", … */
  readonly container: string;
  /** How the samples are coded: "s16le", "mulaw", "mp3", "aac", "opus", … */
  readonly codec: string;
  /** Frames a second, before resampling. */
  readonly rate: number;
  /** Samples a frame. */
  readonly channels: number;
  /** How many audio tracks the container has. */
  readonly tracks: number;
  /** Decoded length. */
  readonly seconds: number;
  /** Loudest sample, dBFS. */
  readonly peakDb: number | undefined;
  /** Integrated loudness, LUFS (ITU-R BS.1770). */
  readonly loudness: number | undefined;
  /** Samples at full scale or beyond it, in runs of three or more. */
  readonly clippedSamples: number;
  /** Seconds in stretches of half a second or more below -60 dBFS. */
  readonly silentSeconds: number;
  /** Nothing in it is louder than -80 dBFS. */
  readonly silent: boolean;
  /** The container announces more audio than there is. */
  readonly truncated: boolean;
  /** Errors that the decoder met. */
  readonly decodingErrors: number;
}

/**
 * Reads all of a source and says what it is. Memory is constant.
 * @throws {EverywordError} as `toChunks` does
 */
export async function inspectAudio(
  source: AudioSource,
  options: ReadOptions = {},
): Promise<AudioFacts> {
  checkOptions(options);
  const opened = openSource(source);
  let facts: AudioFacts | undefined;
  const found = readAudio(
    opened,
    options,
    (header) => new Inspection(opened.name, header, options),
  );
  for await (const rows of found) facts = rows.at(-1) ?? facts;
  if (facts === undefined) throw unreadable(opened.name, "it holds no audio");
  return facts;
}

/** Frames measured at a time. */
const BLOCK_FRAMES = 4_096;
const QUIET = 1e-3;
const SILENT = 1e-4;
const CLIP_RUN = 3;
const HIGHEST: Readonly<Partial<Record<Encoding, number>>> = {
  u8: 127 / 128,
  s8: 127 / 128,
  mulaw: 32_124 / 32_768,
  alaw: 32_256 / 32_768,
};

class Inspection implements PcmReader<AudioFacts> {
  readonly #name: string;
  readonly #header: PcmHeader;
  readonly #options: ReadOptions;
  readonly #loudness: LoudnessMeter;
  readonly #block: Float32Array;
  readonly #runs: Uint32Array;
  #carry: Uint8Array = new Uint8Array(0);
  #left: number;
  #frames = 0;
  #peak = 0;
  #clipped = 0;
  #quietFrames = 0;
  #silentFrames = 0;

  constructor(name: string, header: PcmHeader, options: ReadOptions) {
    this.#name = name;
    this.#header = header;
    this.#options = options;
    this.#left = header.dataBytes ?? Number.POSITIVE_INFINITY;
    this.#loudness = new LoudnessMeter(header.format);
    this.#block = new Float32Array(BLOCK_FRAMES * header.format.channels);
    this.#runs = new Uint32Array(header.format.channels);
  }

  get complete(): boolean {
    return this.#left === 0;
  }

  push(block: Uint8Array): [] {
    const audio = block.subarray(0, Math.min(block.length, this.#left));
    this.#left -= audio.length;
    const bytes = this.#carry.length === 0 ? audio : concat(this.#carry, audio);
    const { encoding, channels } = this.#header.format;
    const frameBytes = bytesPerFrame(this.#header.format);
    const read = sampleReader(encoding);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const whole = Math.floor(bytes.length / frameBytes);
    for (let at = 0; at < whole; at += BLOCK_FRAMES) {
      const frames = Math.min(BLOCK_FRAMES, whole - at);
      read(view, at * frameBytes, frames * channels, this.#block, 0);
      this.#measure(frames);
    }
    this.#carry = bytes.slice(whole * frameBytes);
    return [];
  }

  flush(facts: DecoderFacts): AudioFacts[] {
    if (this.#frames === 0) {
      throw unreadable(this.#name, "it holds no audio; record or export it again");
    }
    this.#endQuiet();
    const { container, format } = this.#header;
    const { rate, channels } = format;
    const seconds = this.#frames / rate;
    const decoded = facts.container !== undefined;
    return [
      {
        container: facts.container ?? container,
        codec: (decoded ? facts.codecs[this.#options.track ?? 0] : undefined) ?? format.encoding,
        rate,
        channels,
        tracks: decoded ? facts.codecs.length : 1,
        seconds,
        peakDb: this.#peak === 0 ? undefined : 20 * Math.log10(this.#peak),
        loudness: this.#loudness.integrated,
        clippedSamples: this.#clipped,
        silentSeconds: this.#silentFrames / rate,
        silent: this.#peak < SILENT,
        truncated: (Number.isFinite(this.#left) && this.#left > 0) || endsEarly(facts, seconds),
        decodingErrors: facts.errors,
      },
    ];
  }

  #measure(frames: number): void {
    const { channels, encoding } = this.#header.format;
    const highest = HIGHEST[encoding] ?? 32_767 / 32_768;
    for (let i = 0, at = 0; i < frames; i++) {
      let loudest = 0;
      for (let channel = 0; channel < channels; channel++, at++) {
        const size = Math.abs(this.#block[at] ?? 0);
        if (size > loudest) loudest = size;
        const run = size >= highest ? (this.#runs[channel] ?? 0) + 1 : 0;
        this.#runs[channel] = run;
        // The first two of a run are counted when its third shows that it is one.
        if (run >= CLIP_RUN) this.#clipped += run === CLIP_RUN ? CLIP_RUN : 1;
      }
      if (loudest > this.#peak) this.#peak = loudest;
      if (loudest < QUIET) this.#quietFrames += 1;
      else if (this.#quietFrames > 0) this.#endQuiet();
    }
    this.#loudness.push(this.#block, frames);
    this.#frames += frames;
  }

  #endQuiet(): void {
    if (this.#quietFrames >= this.#header.format.rate / 2) this.#silentFrames += this.#quietFrames;
    this.#quietFrames = 0;
  }
}
