/** Any audio in, 16 kHz mono chunks out: the front door of this room. */
import { type DecoderFacts, NO_FACTS } from "./core/ffmpeg_log.ts";
import { FormatFault, HeaderReader } from "./core/header.ts";
import { type ChunkRow } from "./core/pipeline.ts";
import { sniff, SNIFF_BYTES } from "./core/sniff.ts";
import { CodedWavFault, parseWav } from "./core/wav.ts";
import { chooseDecoder, decode, noAudio, spool } from "./decode.ts";
import { type DecoderInput } from "./decoder.ts";
import { checkOptions, type ChunkOptions } from "./options.ts";
import { type Choice, Reading } from "./reading.ts";
import {
  abortable,
  type AudioSource,
  openSource,
  type OpenSource,
  Rewinder,
  unreadable,
} from "./source.ts";

/**
 * Turns audio into chunks of 16 kHz mono s16le: 1600 bytes (50 ms) each unless asked otherwise, the
 * last may be short. Reading is pulled by whoever iterates; nothing is read ahead. A chunk belongs
 * to whoever takes it.
 *
 * @throws {TypeError | RangeError} at once, when the source or an option is wrong
 * @throws {EverywordError} while iterating: `input-unreadable` when it cannot be read as audio,
 *   `unsupported` when it is compressed and nothing here decodes it, `usage` when it has no such
 *   channel
 * @example
 * for await (const chunk of toChunks("meeting.m4a")) await session.send(chunk);
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

async function* firstLane(rows: AsyncIterable<ChunkRow>): AsyncGenerator<Uint8Array, void> {
  for await (const [chunk] of rows) if (chunk !== undefined) yield chunk;
}

async function* toRows(
  source: OpenSource,
  options: ChunkOptions,
  channel: Choice,
): AsyncGenerator<ChunkRow, void> {
  const { format, signal } = options;
  if (format !== undefined) {
    const header = { container: "raw", format, dataBytes: undefined };
    const reading = new Reading(source.name, header, options, channel);
    const blocks = new Rewinder(abortable(source.blocks, signal));
    try {
      for await (const block of blocks) yield* reading.push(block);
    } finally {
      await blocks.close();
    }
    yield* reading.flush();
    return;
  }
  const bytes = new Rewinder(abortable(source.blocks, signal));
  try {
    const head = await bytes.peek(SNIFF_BYTES);
    if (head.length === 0) throw unreadable(source.name, "it is empty; record or export it again");
    const kind = sniff(head);
    if (kind !== "wav") {
      yield* decodedRows(source, bytes, kind === "stream", options, channel);
      return;
    }
    try {
      yield* wavRows(source.name, bytes, options, channel);
    } catch (error) {
      if (!(error instanceof CodedWavFault)) throw error;
      if (source.path === undefined && !bytes.rewind()) {
        throw unreadable(source.name, "its header is too long; export it again");
      }
      yield* decodedRows(source, bytes, true, options, channel);
    }
  } finally {
    await bytes.close();
  }
}

/** A WAV that needs no decoder. @throws {CodedWavFault} when it does, before anything is yielded. */
async function* wavRows(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  options: ChunkOptions,
  channel: Choice,
  facts: () => DecoderFacts = () => NO_FACTS,
): AsyncGenerator<ChunkRow, Reading> {
  const reader = new HeaderReader(parseWav());
  let reading: Reading | undefined;
  for await (const block of bytes) {
    if (reading === undefined) {
      const header = explained(name, () => reader.push(block));
      if (header === undefined) continue;
      reading = new Reading(name, header, options, channel);
      yield* reading.push(reader.rest, facts().totalSeconds);
    } else yield* reading.push(block, facts().totalSeconds);
    if (reading.complete) break;
  }
  reading ??= new Reading(
    name,
    explained(name, () => reader.end()),
    options,
    channel,
  );
  yield* reading.flush();
  return reading;
}

/** Runs a step of the core, with the source's name in what it throws. */
function explained<Result>(name: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof FormatFault) || error instanceof CodedWavFault) throw error;
    const advice = "check that it is an audio file, or export it again";
    throw unreadable(name, `${error.message}; ${advice}`, error);
  }
}

/** Compressed audio, through a decoder that writes WAV. */
async function* decodedRows(
  source: OpenSource,
  bytes: AsyncIterable<Uint8Array>,
  streamable: boolean,
  options: ChunkOptions,
  channel: Choice,
): AsyncGenerator<ChunkRow, void> {
  const { name, path } = source;
  const { signal, track = 0 } = options;
  const decoder = chooseDecoder(options.decoder ?? "auto", name);
  const spooled = path === undefined && !streamable ? await spool(bytes, signal) : undefined;
  const file = path ?? spooled?.path;
  const input: DecoderInput = file === undefined ? { blocks: bytes } : { path: file };
  let facts: DecoderFacts = NO_FACTS;
  const blocks = new Rewinder(
    decode(decoder, input, track, signal, (news) => {
      facts = news;
    }),
  );
  try {
    if ((await blocks.peek(1)).length === 0) throw noAudio(name, facts, track);
    const reading = yield* wavRows(name, blocks, options, channel, () => facts);
    tellDamage(reading, name, facts);
  } finally {
    await blocks.close();
    await spooled?.remove();
  }
}

function tellDamage(reading: Reading, name: string, facts: DecoderFacts): void {
  if (facts.errors > 0) {
    reading.warn(
      "damaged",
      `${name} is damaged (${facts.firstError ?? "unreadable parts"}); what could be decoded was used.`,
    );
  }
}
