/**
 * What is sent for a file: the file itself, or its audio as 16 kHz mono WAV where that is smaller
 * or the file is too large, in parts where even that is too large (P4, P5).
 */
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { EverywordError, messageOf } from "../errors.ts";
import { toChunks } from "../resample/chunks.ts";
import type { FileWarning } from "./core/fields.ts";
import { knownSeconds } from "./core/guess-minutes.ts";
import { chunkLevel, waveHeader } from "./core/pcm-file.ts";
import { splitAtPauses } from "./core/split.ts";
import { readHead } from "./limited-http.ts";

export interface PrepareOptions {
  /**
   * `auto` (default): convert WAV and FLAC that get at least a fifth smaller, and whatever is above
   * `maxUploadBytes`. `always`, `never`.
   */
  readonly preconvert?: "auto" | "always" | "never" | undefined;
  /** What the service takes at most. Default 1 000 000 000 (PROTOCOL §8.3); others take 25 000 000. */
  readonly maxUploadBytes?: number | undefined;
  /** What neighboring parts share on each side of a cut. Default 5. */
  readonly overlapSeconds?: number | undefined;
}

/** A piece of a file that goes up as one. */
export interface UploadPiece {
  /** Holds the bytes; for a converted file a temporary one. */
  readonly path: string;
  /** As the service sees it. */
  readonly name: string;
  /** Sent before the bytes. */
  readonly header: Uint8Array;
  readonly offset: number;
  readonly bytes: number;
  /** Of the whole file at `path`: it must not change until it is sent. */
  readonly sizeBytes: number;
  readonly startSeconds: number;
  /** `undefined` for a file that was not decoded. */
  readonly endSeconds: number | undefined;
  readonly cutSeconds: number;
}

export interface Prepared {
  readonly pieces: readonly UploadPiece[];
  readonly warnings: readonly FileWarning[];
  /** Removes what was written for it. Idempotent. */
  readonly dispose: () => Promise<void>;
}

const RATE = 16_000;
const BYTES_PER_SECOND = RATE * 2;
const CHUNK_FRAMES = 800;
/** The form around the file. */
const FORM_BYTES = 65_536;
/** Converting is worth it from here on. */
const SMALLER = 0.8;

/**
 * @throws RangeError for a wrong option; EverywordError `input-unreadable` when the file cannot be
 * read, decoded or converted; the signal's reason.
 */
export async function prepareUpload(
  path: string,
  options: PrepareOptions,
  signal?: AbortSignal,
): Promise<Prepared> {
  const { preconvert = "auto", maxUploadBytes = 1_000_000_000, overlapSeconds = 5 } = options;
  checkOptions(preconvert, maxUploadBytes, overlapSeconds);
  const bytes = await sizeOf(path);
  const seconds = knownSeconds(await readHead(path), bytes);
  const smaller = seconds !== undefined && seconds * BYTES_PER_SECOND < bytes * SMALLER;
  const tooLarge = bytes > maxUploadBytes;
  if (preconvert === "never" || (preconvert === "auto" && !smaller && !tooLarge)) {
    return asItIs(path, bytes, tooLarge);
  }
  try {
    return await converted(path, maxUploadBytes, overlapSeconds, signal);
  } catch (error) {
    signal?.throwIfAborted();
    // Sending more than needed is better than not sending.
    const optional = preconvert === "auto" && !tooLarge;
    if (optional && error instanceof EverywordError) return asItIs(path, bytes, false);
    throw error;
  }
}

function checkOptions(preconvert: string, maxUploadBytes: number, overlapSeconds: number): void {
  if (!["auto", "always", "never"].includes(preconvert)) {
    throw new RangeError(
      `Cannot prepare an upload: preconvert must be auto, always or never, got "${preconvert}"`,
    );
  }
  if (!(overlapSeconds >= 0 && overlapSeconds <= 60)) {
    throw new RangeError(
      `Cannot prepare an upload: overlapSeconds must be 0 to 60, got ${overlapSeconds}`,
    );
  }
  const least = FORM_BYTES + BYTES_PER_SECOND * Math.max(10, overlapSeconds * 8);
  if (!(maxUploadBytes >= least)) {
    throw new RangeError(
      `Cannot prepare an upload: maxUploadBytes must be at least ${least}, got ${maxUploadBytes}`,
    );
  }
}

function asItIs(path: string, bytes: number, tooLarge: boolean): Prepared {
  const piece: UploadPiece = {
    path,
    name: basename(path),
    header: new Uint8Array(0),
    offset: 0,
    bytes,
    sizeBytes: bytes,
    startSeconds: 0,
    endSeconds: undefined,
    cutSeconds: 0,
  };
  const message = `${path} is larger than the service takes; let it be converted (preconvert auto).`;
  const warnings = tooLarge ? [{ code: "too-large", message }] : [];
  return { pieces: [piece], warnings, dispose: () => Promise.resolve() };
}

async function converted(
  path: string,
  maxUploadBytes: number,
  overlapSeconds: number,
  signal: AbortSignal | undefined,
): Promise<Prepared> {
  const directory = await mkdtemp(join(tmpdir(), "everyword-convert-"));
  const dispose = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const pcm = join(directory, "audio.pcm");
    const { levels, frames } = await decodeTo(pcm, path, signal);
    const parts = splitAtPauses(levels, frames, {
      maxFrames: Math.floor((maxUploadBytes - FORM_BYTES) / 2),
      overlapFrames: Math.round(overlapSeconds * RATE),
      levelFrames: CHUNK_FRAMES,
    });
    const stem = basename(path, extname(path));
    const pieces = parts.map((part, index) => {
      const bytes = (part.toFrame - part.fromFrame) * 2;
      return {
        path: pcm,
        name: parts.length === 1 ? `${stem}.wav` : `${stem}.${index + 1}.wav`,
        header: waveHeader(bytes, RATE),
        offset: part.fromFrame * 2,
        bytes,
        sizeBytes: frames * 2,
        startSeconds: part.fromFrame / RATE,
        endSeconds: part.toFrame / RATE,
        cutSeconds: part.cutFrame / RATE,
      };
    });
    return { pieces, warnings: [], dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Decodes the whole file to the disk, 115 MB an hour, and notes how loud each 50 ms are. */
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
      for (let at = 0; at < chunk.length;) {
        at += (await file.write(chunk, at, chunk.length - at)).bytesWritten;
      }
      bytes += chunk.length;
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof EverywordError) throw cause;
    throw new EverywordError(
      "input-unreadable",
      `Cannot convert ${path}: ${messageOf(cause)}; make room on the disk or use preconvert never.`,
      { cause },
    );
  } finally {
    await file.close();
  }
  return { levels, frames: bytes / 2 };
}

/** @throws EverywordError `input-unreadable` for what is no readable file, or is empty. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    const why = messageOf(cause);
    throw new EverywordError("input-unreadable", `Cannot read ${path}: ${why}; check the path.`, {
      cause,
    });
  });
  if (!found.isFile()) {
    throw new EverywordError("input-unreadable", `${path} is not a file; name a recording.`);
  }
  if (found.size === 0) {
    throw new EverywordError("input-unreadable", `${path} is empty; name a recording.`);
  }
  return found.size;
}
