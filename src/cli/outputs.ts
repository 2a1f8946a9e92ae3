/** Formats by name, and files that are written whole or not at all. */
import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { toCues } from "../captions/cues.ts";
import { writeSrt } from "../captions/srt.ts";
import { writeText } from "../captions/text.ts";
import { writeVtt } from "../captions/vtt.ts";
import { EverywordError } from "../errors.ts";
import type { Transcript } from "../transcript.ts";

const WRITERS: Readonly<Record<string, (transcript: Transcript) => string>> = {
  txt: (transcript) => writeText(transcript),
  srt: (transcript) => writeSrt(toCues(transcript)),
  vtt: (transcript) => writeVtt(toCues(transcript)),
};

/** The formats by name, which is also the files' ending. */
export const OUTPUT_FORMATS: readonly string[] = Object.keys(WRITERS);

export function render(format: string, transcript: Transcript): string {
  const writer = WRITERS[format];
  if (writer === undefined) throw new TypeError(`Cannot write captions: no format "${format}"`);
  return writer(transcript);
}

/**
 * Chooses the format by the ending at once, so that a bad one is refused before any work.
 *
 * @throws EverywordError `usage` for an ending nobody here writes.
 */
export function writeOutput(path: string): (transcript: Transcript) => Promise<void> {
  const format = extname(path).slice(1).toLowerCase();
  if (!OUTPUT_FORMATS.includes(format)) {
    throw new EverywordError(
      "usage",
      `${path} must end in one of ${OUTPUT_FORMATS.map((name) => `.${name}`).join(", ")}.`,
    );
  }
  return (transcript) => writeAtomically(path, render(format, transcript));
}

/** Writes beside the target and renames, so that no reader ever sees half a file. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, text, { flag: "wx" });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new EverywordError(
      "usage",
      `${path} cannot be written (${cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)}); choose a place that can.`,
      { cause },
    );
  }
}
