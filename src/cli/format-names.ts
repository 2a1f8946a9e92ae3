/** The names alone, so that help and completion need not load the writers; a test holds both together. */
import type { FormatName } from "../captions/formats.ts";

export const FORMAT_NAMES = [
  "txt",
  "srt",
  "vtt",
  "tsv",
  "csv",
  "lrc",
  "json",
  "full-json",
] as const satisfies readonly FormatName[];

/** What whisper writes for `all`. */
export const ALL_FORMATS = ["txt", "vtt", "srt", "tsv", "json"] as const satisfies FormatName[];

export const PRESET_NAMES = ["netflix", "bbc", "cea608", "live", "social", "whisper"] as const;
