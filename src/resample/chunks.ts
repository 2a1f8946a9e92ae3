/** Any audio in, 16 kHz mono chunks out: the front door of this room. */
import { type ChunkRow } from "./core/pipeline.ts";
import { checkOptions, type ChunkOptions } from "./options.ts";
import { readAudio } from "./read.ts";
import { type Choice, Reading } from "./reading.ts";
import { type AudioSource, openSource } from "./source.ts";

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
 * for await (const chunk of toChunks("meeting.m4a")) await session.write(chunk);
 */
export function toChunks(
  source: AudioSource,
  options: ChunkOptions = {},
): AsyncGenerator<Uint8Array, void> {
  checkOptions(options);
  return firstLane(toRows(source, options, options.channel ?? "average"));
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
  return allLanes(toRows(source, options, "split"));
}

type Blocks = AsyncIterable<readonly ChunkRow[]>;

async function* firstLane(blocks: Blocks): AsyncGenerator<Uint8Array, void> {
  for await (const rows of blocks) for (const [chunk] of rows) if (chunk !== undefined) yield chunk;
}

async function* allLanes(blocks: Blocks): AsyncGenerator<Uint8Array[], void> {
  for await (const rows of blocks) yield* rows;
}

function toRows(source: AudioSource, options: ChunkOptions, channel: Choice): Blocks {
  const opened = openSource(source);
  const { name } = opened;
  return readAudio(opened, options, (header) => new Reading(name, header, options, channel));
}
