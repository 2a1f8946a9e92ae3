/**
 * What is sent for a file: the file itself, or its audio as 16 kHz mono where that is smaller or the
 * file is too large, in parts where even that is too large (P4, P5).
 */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { EverywordError } from "../errors.ts";
import type { FileWarning } from "./core/fields.ts";
import { knownSeconds } from "./core/guess-minutes.ts";
import type { Part } from "./core/split.ts";
import { readHead } from "./limited-http.ts";
import { unreadable } from "./unreadable.ts";

/** What a file is turned into before it is sent, and where it is cut. */
export interface PrepareOptions {
  /**
   * `auto` (default): convert WAV and FLAC that get at least a fifth smaller, and whatever is above
   * `maxUploadBytes`. `always`, `never`.
   */
  readonly preconvert?: "auto" | "always" | "never" | undefined;
  /**
   * What a converted file is sent as. FLAC is about half of WAV and costs 3 s an hour of audio.
   * Default: `flac` to the hosted service, `wav` to any other, which may read nothing else.
   */
  readonly convertTo?: "flac" | "wav" | undefined;
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
  /** The same in frames. */
  readonly part: Part | undefined;
}

export interface Prepared {
  readonly pieces: readonly UploadPiece[];
  readonly warnings: readonly FileWarning[];
  /** Removes what was written for it. Idempotent. */
  readonly dispose: () => Promise<void>;
}

const BYTES_PER_SECOND = 32_000;
/** The form around the file. */
const FORM_BYTES = 65_536;
/** Converting is worth it from here on. */
const SMALLER = 0.8;

/**
 * @param options with `parts` where the file was cut before: it is cut there again.
 * @throws RangeError for a wrong option; EverywordError `input-unreadable` when the file cannot be
 * read, decoded or converted; the signal's reason.
 */
export async function prepareUpload(
  path: string,
  options: PrepareOptions & { readonly parts?: readonly Part[] | undefined },
  signal?: AbortSignal,
): Promise<Prepared> {
  const { preconvert = "auto", maxUploadBytes = 1_000_000_000, overlapSeconds = 5 } = options;
  const { convertTo = "wav", parts } = options;
  checkOptions(preconvert, convertTo, maxUploadBytes, overlapSeconds);
  const bytes = await sizeOf(path);
  const seconds = knownSeconds(await readHead(path), bytes);
  const smaller = seconds !== undefined && seconds * BYTES_PER_SECOND < bytes * SMALLER;
  const tooLarge = bytes > maxUploadBytes;
  const asked = preconvert === "always" || (preconvert === "auto" && (smaller || tooLarge));
  if (!asked && parts === undefined) {
    return asItIs(path, bytes, tooLarge);
  }
  try {
    // Loaded only where it is used: decoders are most of what this package weighs.
    const { convert } = await import("./convert.ts");
    const maxBytes = maxUploadBytes - FORM_BYTES;
    return await convert(path, { convertTo, maxBytes, overlapSeconds, parts, signal });
  } catch (error) {
    signal?.throwIfAborted();
    // Sending more than needed is better than not sending.
    const optional = preconvert === "auto" && !tooLarge && parts === undefined;
    if (optional && error instanceof EverywordError) return asItIs(path, bytes, false);
    throw error;
  }
}

function checkOptions(
  preconvert: string,
  convertTo: string,
  maxUploadBytes: number,
  overlapSeconds: number,
): void {
  if (convertTo !== "flac" && convertTo !== "wav") {
    throw new RangeError(
      `Cannot prepare an upload: convertTo must be flac or wav, got "${convertTo}"`,
    );
  }
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
    part: undefined,
  };
  const message = `${path} is larger than the service takes; let it be converted (preconvert auto).`;
  const warnings = tooLarge ? [{ code: "too-large", message }] : [];
  return { pieces: [piece], warnings, dispose: () => Promise.resolve() };
}

/** @throws EverywordError `input-unreadable` for what is no readable file, or is empty. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!found.isFile()) {
    throw new EverywordError("input-unreadable", `${path} is not a file; name a recording.`);
  }
  if (found.size === 0) {
    throw new EverywordError("input-unreadable", `${path} is empty; name a recording.`);
  }
  return found.size;
}
