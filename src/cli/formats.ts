/** Which caption formats the command line offers, and how a transcript becomes one of them. */
import { extname } from "node:path";
import { formats, type FormatName, type FormatOptions } from "../captions/formats.ts";
import { EverywordError } from "../errors.ts";
import type { Transcript } from "../transcript.ts";
import { FORMAT_NAMES } from "./format-names.ts";

export function isFormat(name: string): name is FormatName {
  return (FORMAT_NAMES as readonly string[]).includes(name);
}

/** The ending of the format's files, without a dot. */
export function extensionOf(format: FormatName): string {
  return formats[format].extension;
}

export function render(
  format: FormatName,
  transcript: Transcript,
  options: FormatOptions = {},
): string {
  return formats[format].write(transcript, options);
}

/** @throws EverywordError `usage` for an ending nobody here writes. */
export function formatOfPath(path: string): FormatName {
  if (path.toLowerCase().endsWith(".full.json")) return "full-json";
  const ending = extname(path).slice(1).toLowerCase();
  if (isFormat(ending)) return ending;
  const endings = FORMAT_NAMES.map((name) => `.${extensionOf(name)}`).join(", ");
  throw new EverywordError("usage", `${path} must end in one of ${endings}.`);
}
