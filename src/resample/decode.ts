/** Compressed audio: who decodes it, what it is handed, and what its words mean for the caller. */
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { EverywordError } from "../errors.ts";
import { type DecoderFacts } from "./core/ffmpeg-log.ts";
import { type Decoder, DecoderFailure, type DecoderInput } from "./decoder.ts";
import { nativeDecoder } from "./native-decoder.ts";
import { type DecoderChoice } from "./options.ts";
import { unreadable } from "./source.ts";
import { wasmDecoder } from "./wasm-decoder.ts";

/**
 * The decoder to use.
 * @throws {EverywordError} `unsupported` when there is none
 */
export async function chooseDecoder(choice: DecoderChoice, name: string): Promise<Decoder> {
  const decoder =
    (choice === "wasm" ? undefined : await nativeDecoder()) ??
    (choice === "native" ? undefined : wasmDecoder());
  if (decoder !== undefined) return decoder;
  const missing = {
    auto: "install ffmpeg, or `npm install @ffmpeg/core`",
    native: "install ffmpeg, name it with FFMPEG_PATH, or leave the choice of the decoder open",
    wasm: "`npm install @ffmpeg/core`, or leave the choice of the decoder open",
  }[choice];
  throw new EverywordError(
    "unsupported",
    `Cannot read ${name}: it is compressed and nothing here can decode it; ${missing}, or convert it to WAV.`,
  );
}

/** Writes a stream to a temporary file, because its container can only be read with seeking. */
export async function spool(
  blocks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "everyword-decode-"));
  const remove = async (): Promise<void> => rm(folder, { recursive: true, force: true });
  const path = join(folder, "input");
  try {
    await pipeline(copies(blocks), createWriteStream(path), signal === undefined ? {} : { signal });
  } catch (error) {
    await remove();
    signal?.throwIfAborted();
    throw error;
  }
  return { path, remove };
}

/** A stream may hold a block longer than its giver lets it. */
async function* copies(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const block of blocks) yield block.slice();
}

/** Decodes to a WAV of floats. After the end, `facts` tells whether all of it could be read. */
export async function* decode(
  decoder: Decoder,
  input: DecoderInput,
  track: number,
  signal: AbortSignal | undefined,
  onFacts: (facts: DecoderFacts) => void,
): AsyncGenerator<Uint8Array, void> {
  signal?.throwIfAborted();
  const decoding = decoder.start(input, track);
  const stop = (): void => {
    decoding.stop();
  };
  signal?.addEventListener("abort", stop);
  try {
    for await (const block of decoding.output) {
      signal?.throwIfAborted();
      onFacts(decoding.facts());
      yield block;
    }
    signal?.throwIfAborted();
    onFacts(decoding.facts());
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof DecoderFailure)) throw error;
    // What was decoded before is kept; the caller is told by the error count.
    const facts = decoding.facts();
    const firstError = facts.firstError ?? error.message;
    onFacts({ ...facts, errors: facts.errors + 1, firstError });
  } finally {
    signal?.removeEventListener("abort", stop);
    decoding.stop();
  }
}

/** Why a decoder gave no audio at all. */
export function noAudio(name: string, facts: DecoderFacts, track: number): EverywordError {
  const { codecs, container, firstError } = facts;
  if (facts.noTrack || (container !== undefined && codecs.length === 0)) {
    const tracks =
      codecs.length === 0
        ? "it has no audio track; choose a file with sound"
        : `it has ${codecs.length} audio track${codecs.length === 1 ? "" : "s"}, and track ` +
          `${track} was asked for; tracks are counted from 0`;
    return unreadable(name, tracks);
  }
  const reason = firstError === undefined ? "" : ` (${firstError})`;
  if (container === undefined) {
    const advice =
      "check that it is an audio file; raw PCM needs --input-format s16le --rate HZ " +
      "(`format` in the library)";
    return unreadable(name, `it is no audio that can be decoded${reason}; ${advice}`);
  }
  return unreadable(name, `its audio is damaged${reason}; record or export it again`);
}
