/** From any source to PCM with a known header: looks what it is, and reads or decodes it. */
import { stat } from "node:fs/promises";
import { type DecoderFacts, NO_FACTS } from "./core/ffmpeg-log.ts";
import { FormatFault, HeaderReader, type PcmHeader } from "./core/header.ts";
import { sniff, SNIFF_BYTES } from "./core/sniff.ts";
import { CodedWavFault, parseWav } from "./core/wav.ts";
import { type DecoderInput } from "./decoder.ts";
import { type ReadOptions } from "./options.ts";
import { abortable, type OpenSource, Rewinder, unreadable } from "./source.ts";

/** Takes the bytes behind a header; written by whoever wants the audio. */
export interface PcmReader<Row> {
  /** Nothing more is wanted: the audio that the header announced is here. */
  readonly complete: boolean;
  /** `facts` are the decoder's, {@link NO_FACTS} where none was needed. */
  push(block: Uint8Array, facts: DecoderFacts): readonly Row[];
  flush(facts: DecoderFacts): readonly Row[];
}

export type OpenReader<Row> = (header: PcmHeader) => PcmReader<Row>;

/**
 * Reads a source to its end, with whatever reader the caller opens for the header that is found.
 * Yields
 * what the reader gives for a block at a time: a row alone is not worth a turn of every generator.
 */
export async function* readAudio<Row>(
  source: OpenSource,
  options: ReadOptions,
  open: OpenReader<Row>,
): AsyncGenerator<readonly Row[], void> {
  const { format, signal } = options;
  if (format !== undefined) {
    const header = { container: "raw", format, dataBytes: undefined };
    const reader = open(header);
    const blocks = new Rewinder(abortable(source.blocks, signal));
    try {
      for await (const block of blocks) yield reader.push(block, NO_FACTS);
    } finally {
      await blocks.close();
    }
    yield reader.flush(NO_FACTS);
    return;
  }
  const bytes = new Rewinder(abortable(source.blocks, signal));
  try {
    const head = await bytes.peek(SNIFF_BYTES);
    if (head.length === 0) throw unreadable(source.name, "it is empty; record or export it again");
    const kind = sniff(head);
    if (kind !== "wav") {
      yield* readDecoded(source, bytes, kind === "stream", options, open);
      return;
    }
    try {
      yield* readWav(source.name, bytes, open);
    } catch (error) {
      if (!(error instanceof CodedWavFault)) throw error;
      if (!bytes.rewind() && (await fileOf(source)) === undefined) {
        throw unreadable(source.name, "its header is too long; export it again");
      }
      yield* readDecoded(source, bytes, true, options, open);
    }
  } finally {
    await bytes.close();
  }
}

/** A WAV that needs no decoder. @throws {CodedWavFault} when it does, before anything is yielded. */
async function* readWav<Row>(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  open: OpenReader<Row>,
  facts: () => DecoderFacts = () => NO_FACTS,
): AsyncGenerator<readonly Row[], void> {
  const headerReader = new HeaderReader(parseWav());
  let reader: PcmReader<Row> | undefined;
  for await (const block of bytes) {
    let audio = block;
    if (reader === undefined) {
      const header = explained(name, () => headerReader.push(block));
      if (header === undefined) continue;
      reader = open(header);
      audio = headerReader.rest;
    }
    yield reader.push(audio, facts());
    if (reader.complete) break;
  }
  reader ??= open(explained(name, () => headerReader.end()));
  yield reader.flush(facts());
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
async function* readDecoded<Row>(
  source: OpenSource,
  bytes: AsyncIterable<Uint8Array>,
  streamable: boolean,
  options: ReadOptions,
  open: OpenReader<Row>,
): AsyncGenerator<readonly Row[], void> {
  const { name } = source;
  const path = await fileOf(source);
  const { signal, track = 0 } = options;
  // Loaded when it is needed: a WAV wants neither child processes nor workers.
  const { chooseDecoder, decode, noAudio, spool } = await import("./decode.ts");
  const decoder = await chooseDecoder(options.decoder ?? "auto", name);
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
    yield* readWav(name, blocks, open, () => facts);
  } finally {
    await blocks.close();
    await spooled?.remove();
  }
}

/** The source's path when it is a file that can be opened again: a named pipe cannot. */
async function fileOf({ path }: OpenSource): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return (await stat(path)).isFile() ? path : undefined;
}
