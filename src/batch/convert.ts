/** A recording as 16 kHz mono on the disk, whole or in parts, as WAV or FLAC. */
import { type FileHandle, open, rm } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { EverywordError, messageOf } from "../errors.ts";
import { makeOwnedDirectory } from "../owned-directory.ts";
import { toChunks } from "../resample/chunks.ts";
import { FLAC_BLOCK, flacFrame, flacHeader } from "./core/flac.ts";
import { chunkLevel, waveHeader } from "./core/pcm-file.ts";
import { type Part, splitAtPauses } from "./core/split.ts";
import type { Prepared, UploadPiece } from "./prepare-upload.ts";

const RATE = 16_000;
const CHUNK_FRAMES = 800;
/** A second and a bit of audio between two writes. */
const BLOCKS_AT_ONCE = 8;

export interface ConvertOptions {
  readonly convertTo: "flac" | "wav";
  /** Of one part as WAV; FLAC parts are smaller. */
  readonly maxBytes: number;
  readonly overlapSeconds: number;
  /** Where to cut; default: at pauses, as `maxBytes` asks for. */
  readonly parts?: readonly Part[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Needs 115 MB an hour in the temporary directory, until `dispose()`. @throws as `prepareUpload`. */
export async function convert(path: string, options: ConvertOptions): Promise<Prepared> {
  const directory = await makeOwnedDirectory("convert");
  const dispose = (): Promise<void> => directory.remove();
  try {
    return { pieces: await convertInto(directory.path, path, options), warnings: [], dispose };
  } catch (cause) {
    await dispose();
    options.signal?.throwIfAborted();
    if (cause instanceof EverywordError) throw cause;
    throw new EverywordError(
      "input-unreadable",
      `Cannot convert ${path}: ${messageOf(cause)}; make room on the disk or use preconvert never.`,
      { cause },
    );
  }
}

async function convertInto(
  directory: string,
  path: string,
  { convertTo, maxBytes, overlapSeconds, signal, ...wishes }: ConvertOptions,
): Promise<UploadPiece[]> {
  const pcm = join(directory, "audio.pcm");
  const { levels, frames } = await decodeTo(pcm, path, signal);
  const split = {
    maxFrames: Math.floor((maxBytes - 44) / 2),
    overlapFrames: Math.round(overlapSeconds * RATE),
    levelFrames: CHUNK_FRAMES,
  };
  const parts = wishes.parts ?? splitAtPauses(levels, frames, split);
  if (parts.at(-1)?.toFrame !== frames) {
    throw new Error("it is decoded to another length than when it was cut first");
  }
  const pieces: UploadPiece[] = [];
  for (const [index, part] of parts.entries()) {
    const stem = basename(path, extname(path)) + (parts.length === 1 ? "" : `.${index + 1}`);
    const times = {
      startSeconds: part.fromFrame / RATE,
      endSeconds: part.toFrame / RATE,
      cutSeconds: part.cutFrame / RATE,
      part,
    };
    if (convertTo === "wav") {
      const bytes = (part.toFrame - part.fromFrame) * 2;
      const header = waveHeader(bytes, RATE);
      const place = { path: pcm, header, offset: part.fromFrame * 2, bytes, sizeBytes: frames * 2 };
      pieces.push({ ...place, ...times, name: `${stem}.wav` });
    } else {
      const target = join(directory, `${index + 1}.flac`);
      const bytes = await encodePart(pcm, target, part, signal);
      const place = { path: target, header: new Uint8Array(0), offset: 0, bytes, sizeBytes: bytes };
      pieces.push({ ...place, ...times, name: `${stem}.flac` });
    }
  }
  // FLAC parts stand for themselves: what they were made from need not lie there any longer.
  if (convertTo === "flac") await rm(pcm);
  return pieces;
}

/** Decodes the whole file and notes how loud each 50 ms are. */
async function decodeTo(
  target: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly levels: readonly number[]; readonly frames: number }> {
  const levels: number[] = [];
  let bytes = 0;
  const file = await open(target, "wx", 0o600);
  try {
    for await (const chunk of toChunks(path, { chunkMs: 50, signal })) {
      levels.push(chunkLevel(chunk));
      await writeAll(file, chunk);
      bytes += chunk.length;
    }
  } finally {
    await file.close();
  }
  return { levels, frames: bytes / 2 };
}

/** @returns the bytes of the FLAC. */
async function encodePart(
  pcm: string,
  target: string,
  part: Part,
  signal: AbortSignal | undefined,
): Promise<number> {
  const source = await open(pcm, "r");
  const file = await open(target, "wx", 0o600);
  try {
    const header = flacHeader(part.toFrame - part.fromFrame, RATE);
    await writeAll(file, header);
    let bytes = header.length;
    // Aligned for 16-bit samples: the platform is little-endian like the file.
    const samples = new Int16Array(FLAC_BLOCK * BLOCKS_AT_ONCE);
    let number = 0;
    for (let frame = part.fromFrame; frame < part.toFrame; frame += samples.length) {
      signal?.throwIfAborted();
      const count = Math.min(samples.length, part.toFrame - frame);
      await readAll(source, new Uint8Array(samples.buffer, 0, count * 2), frame * 2);
      for (let at = 0; at < count; at += FLAC_BLOCK) {
        const block = flacFrame(samples.subarray(at, Math.min(count, at + FLAC_BLOCK)), number);
        await writeAll(file, block);
        bytes += block.length;
        number += 1;
      }
    }
    return bytes;
  } finally {
    await source.close();
    await file.close();
  }
}

async function readAll(file: FileHandle, into: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < into.length;) {
    const { bytesRead } = await file.read(into, at, into.length - at, position + at);
    if (bytesRead === 0) throw new Error("the temporary audio became shorter");
    at += bytesRead;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
  }
}
