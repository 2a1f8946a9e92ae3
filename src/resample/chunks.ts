/** Any audio in, 16 kHz mono chunks out: the front door of this room. */
import { EverywordError } from "../errors.ts";
import { Chunker } from "./core/chunker.ts";
import { type ChannelChoice } from "./core/downmix.ts";
import { bytesPerFrame, checkFormat, type PcmFormat, type RawFormat } from "./core/format.ts";
import { FormatFault, HeaderReader, type PcmHeader } from "./core/header.ts";
import { type ChunkRow, PcmPipeline } from "./core/pipeline.ts";
import { parseWav } from "./core/wav.ts";
import { abortable, type AudioSource, openSource, type OpenSource, unreadable } from "./source.ts";

export type { AudioSource } from "./source.ts";

/** How far reading has come. */
export interface Progress {
  readonly decodedSeconds: number;
  /** Where the container or the file's size tells. */
  readonly totalSeconds?: number;
}

/** Something to know about audio that was read all the same. */
export interface AudioWarning {
  /** "truncated", "clipping", "silence", "cancelling", "damaged". */
  readonly code: string;
  readonly message: string;
  readonly atSeconds?: number;
}

export interface ChunkOptions {
  /** Length of a chunk in ms, a whole number from 20 to 400; default 50. */
  readonly chunkMs?: number | undefined;
  /** Raw PCM of this format; absent: the container is detected. */
  readonly format?: RawFormat | undefined;
  /** "average" (default) mixes all channels; a number picks one, counted from 0. */
  readonly channel?: ChannelChoice | undefined;
  /** Stops reading; the iterator throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly onWarning?: ((warning: AudioWarning) => void) | undefined;
}

/**
 * Turns audio into chunks of 16 kHz mono s16le: 1600 bytes (50 ms) each unless asked otherwise, the
 * last may be short. Reading is pulled by whoever iterates; nothing is read ahead. A chunk belongs
 * to whoever takes it.
 *
 * @throws {TypeError | RangeError} at once, when an option is wrong
 * @throws {EverywordError} `input-unreadable` while iterating, when the audio cannot be read
 * @example
 * for await (const chunk of toChunks("meeting.wav")) await session.send(chunk);
 */
export function toChunks(
  source: AudioSource,
  options: ChunkOptions = {},
): AsyncGenerator<Uint8Array, void> {
  checkOptions(options);
  return firstLane(toRows(openSource(source), options, options.channel ?? "average"));
}

/**
 * The same for each channel alone, as a call recorded in stereo wants it: yields one chunk per
 * channel, all of one length.
 */
export function toChannelChunks(
  source: AudioSource,
  options: Omit<ChunkOptions, "channel"> = {},
): AsyncGenerator<Uint8Array[], void> {
  checkOptions(options);
  return toRows(openSource(source), options, "split");
}

function checkOptions(options: ChunkOptions): void {
  if (options.format !== undefined) checkFormat(options.format);
  const { channel = 0 } = options;
  if (channel !== "average" && (!Number.isInteger(channel) || channel < 0)) {
    throw new RangeError(
      `Cannot pick a channel: channel must be "average" or a whole number from 0, got ${channel}`,
    );
  }
  void new Chunker(options.chunkMs);
}

async function* firstLane(rows: AsyncIterable<ChunkRow>): AsyncGenerator<Uint8Array, void> {
  for await (const [chunk] of rows) if (chunk !== undefined) yield chunk;
}

type Choice = ChannelChoice | "split";

async function* toRows(
  source: OpenSource,
  options: ChunkOptions,
  channel: Choice,
): AsyncGenerator<ChunkRow, void> {
  const { format } = options;
  if (format !== undefined) {
    const reading = new Reading(
      source,
      { container: "raw", format, dataBytes: undefined },
      options,
      channel,
    );
    for await (const block of abortable(source.blocks, options.signal)) yield* reading.push(block);
    yield* reading.flush();
    return;
  }
  const reader = new HeaderReader(parseWav());
  let reading: Reading | undefined;
  for await (const block of abortable(source.blocks, options.signal)) {
    if (reading === undefined) {
      const header = explained(source, () => reader.push(block));
      if (header === undefined) continue;
      reading = new Reading(source, header, options, channel);
      yield* reading.push(reader.rest);
    } else yield* reading.push(block);
    if (reading.complete) break;
  }
  reading ??= new Reading(
    source,
    explained(source, () => reader.end()),
    options,
    channel,
  );
  yield* reading.flush();
}

/** Runs a step of the core, with the source's name in what it throws. */
function explained<Result>(source: OpenSource, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (error instanceof FormatFault) {
      const advice = "check that it is an audio file, or export it again";
      throw unreadable(source.name, `${error.message}; ${advice}`, error);
    }
    throw error;
  }
}

/** PCM behind a known header: how much is still to come, how far it has come. */
class Reading {
  readonly #source: OpenSource;
  readonly #header: PcmHeader;
  readonly #options: ChunkOptions;
  readonly #pipeline: PcmPipeline;
  #left: number;

  constructor(source: OpenSource, header: PcmHeader, options: ChunkOptions, channel: Choice) {
    this.#source = source;
    this.#header = header;
    this.#options = options;
    this.#left = header.dataBytes ?? Number.POSITIVE_INFINITY;
    const { channels } = header.format;
    if (typeof channel === "number" && channel >= channels) {
      throw new EverywordError(
        "usage",
        `${source.name} has ${channels === 1 ? "one channel" : `${channels} channels`}; ` +
          `channel ${channel} does not exist (they are counted from 0).`,
      );
    }
    this.#pipeline = new PcmPipeline(header.format, { channel, chunkMs: options.chunkMs });
  }

  get complete(): boolean {
    return this.#left === 0;
  }

  *push(block: Uint8Array): Generator<ChunkRow, void> {
    const audio = block.subarray(0, Math.min(block.length, this.#left));
    this.#left -= audio.length;
    yield* this.#pipeline.push(audio);
    this.#options.onProgress?.(this.#progress());
  }

  *flush(): Generator<ChunkRow, void> {
    if (this.#pipeline.frames === 0) {
      throw unreadable(this.#source.name, "it holds no audio; record or export it again");
    }
    yield* this.#pipeline.flush();
    if (Number.isFinite(this.#left) && this.#left > 0) this.#warnTruncated();
  }

  #progress(): Progress {
    const { format, dataBytes } = this.#header;
    const decodedSeconds = this.#pipeline.frames / format.rate;
    return dataBytes === undefined
      ? { decodedSeconds }
      : { decodedSeconds, totalSeconds: secondsOf(format, dataBytes) };
  }

  #warnTruncated(): void {
    const atSeconds = this.#pipeline.frames / this.#header.format.rate;
    this.#options.onWarning?.({
      code: "truncated",
      message:
        `${this.#source.name} ends after ${atSeconds.toFixed(1)} s, before the length its header ` +
        "gives; what is there was used.",
      atSeconds,
    });
  }
}

function secondsOf(format: PcmFormat, bytes: number): number {
  return bytes / (bytesPerFrame(format) * format.rate);
}
