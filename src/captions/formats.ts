/** Every format by its name: what the command line and `convert` choose from. */
import type { Transcript } from "../transcript.ts";
import type { Cue } from "./cue.ts";
import { hasSpeakers, toCues, tokensToCues, type CueOptions } from "./cues.ts";
import { writeFullJson, writeJson } from "./json.ts";
import { highlightWords } from "./karaoke.ts";
import { resolveLimits } from "./presets.ts";
import { readCsv, readTsv } from "./read-tables.ts";
import { readSrt, readVtt } from "./read.ts";
import { RollUp, rollUpLimits } from "./roll-up.ts";
import { writeSrt, type SrtOptions } from "./srt.ts";
import { writeCsv, writeLrc, writeTsv } from "./tables.ts";
import { writeText, type TextOptions } from "./text.ts";
import { readTokens } from "./tokens.ts";
import { writeVtt, type VttOptions } from "./vtt.ts";
import { segmentCues } from "./whisper.ts";

/** What a format may be told. Each takes what concerns it and leaves the rest. */
export interface FormatOptions extends CueOptions, SrtOptions, VttOptions, TextOptions {
  /** Repeats each SRT and WebVTT cue with the word that is said underlined. Default false. */
  readonly highlightWords?: boolean | undefined;
  /**
   * Lets so many lines of SRT and WebVTT roll up, 2 to 4, one new line at a time. Default: captions
   * come and go as blocks. Words are not highlighted then.
   */
  readonly rollUp?: number | undefined;
}

/** The formats there are. */
export type FormatName = "srt" | "vtt" | "txt" | "tsv" | "csv" | "lrc" | "json" | "full-json";

/** A file format: what it is called, and how it is written and read. */
export interface Format {
  /** As options name it. */
  readonly name: FormatName;
  /** Of the file, without a dot. */
  readonly extension: string;
  /** One line for a list of formats. */
  readonly description: string;
  /** The whole file. */
  readonly write: (transcript: Transcript, options?: FormatOptions) => string;
  /** The whole file from cues that are laid out already; only formats that hold cues. */
  readonly writeCues?: (cues: readonly Cue[], options?: FormatOptions) => string;
  /** Only formats that can be read back. */
  readonly read?: (text: string) => Cue[];
}

function highlighted(cues: readonly Cue[], options: FormatOptions): readonly Cue[] {
  return options.highlightWords === true ? highlightWords(cues) : cues;
}

/** @throws {RangeError} for a layout that does not roll, or another number of lines */
function rolled(transcript: Transcript, rollUp: number, options: FormatOptions): Cue[] {
  const { preset, ...asked } = options;
  if (preset === "whisper") {
    throw new RangeError("Cannot roll captions up: preset must be another one, got whisper");
  }
  const tokens = readTokens(transcript);
  const marks = options.speakers ?? hasSpeakers(tokens);
  const limits = resolveLimits({ ...asked, preset });
  const cues = tokensToCues(tokens, rollUpLimits(limits, marks), false);
  return new RollUp(rollUp, limits.pauseSeconds, marks).push(cues);
}

const SRT: Format = {
  name: "srt",
  extension: "srt",
  description: "SubRip subtitles",
  write: (transcript, options = {}) => {
    if (options.rollUp !== undefined) return writeSrt(rolled(transcript, options.rollUp, options));
    const speakerLabels = options.speakers ?? hasSpeakers(readTokens(transcript));
    const cues = toCues(transcript, { ...options, speakerLabels });
    return writeSrt(highlighted(cues, options), { ...options, speakers: speakerLabels });
  },
  writeCues: (cues, options = {}) => writeSrt(highlighted(cues, options), options),
  read: readSrt,
};

const VTT: Format = {
  name: "vtt",
  extension: "vtt",
  description: "WebVTT subtitles",
  write: (transcript, options = {}) =>
    options.rollUp === undefined
      ? writeVtt(highlighted(toCues(transcript, options), options), options)
      : writeVtt(rolled(transcript, options.rollUp, options)),
  writeCues: (cues, options = {}) => writeVtt(highlighted(cues, options), options),
  read: readVtt,
};

const TXT: Format = {
  name: "txt",
  extension: "txt",
  description: "plain text, one line a segment",
  write: writeText,
  writeCues: (cues, options = {}) => writeText(cuesTranscript(cues), options),
};

const TSV: Format = {
  name: "tsv",
  extension: "tsv",
  description: "tab-separated: start and end in milliseconds, text",
  write: (transcript) => writeTsv(segmentCues(transcript)),
  writeCues: (cues) => writeTsv(cues),
  read: readTsv,
};

const CSV: Format = {
  name: "csv",
  extension: "csv",
  description: "comma-separated: start and end in seconds, speaker, text",
  write: (transcript) => writeCsv(segmentCues(transcript)),
  writeCues: (cues) => writeCsv(cues),
  read: readCsv,
};

const LRC: Format = {
  name: "lrc",
  extension: "lrc",
  description: "lyrics with times, for music players",
  write: (transcript, options = {}) =>
    writeLrc(toCues(transcript, { ...options, maxLineCount: 1 }), options),
  writeCues: (cues, options = {}) => writeLrc(cues, options),
};

const JSON_WHISPER: Format = {
  name: "json",
  extension: "json",
  description: "JSON in whisper's shape",
  write: (transcript) => writeJson(transcript),
  writeCues: (cues) => writeJson(cuesTranscript(cues)),
};

const JSON_FULL: Format = {
  name: "full-json",
  extension: "full.json",
  description: "JSON with everything that is known",
  write: (transcript) => writeFullJson(transcript),
};

/** Every format, by name. */
export const formats: Readonly<Record<FormatName, Format>> = {
  srt: SRT,
  vtt: VTT,
  txt: TXT,
  tsv: TSV,
  csv: CSV,
  lrc: LRC,
  json: JSON_WHISPER,
  "full-json": JSON_FULL,
};

/** Cues that were read from a file as a transcript: one segment each, with the time of the cue. */
export function cuesTranscript(cues: readonly Cue[]): Transcript {
  return {
    segments: cues.map(({ start, end, lines, speaker, words }, index) => ({
      id: String(index),
      text: lines.join(" "),
      start,
      end,
      words: words ?? [],
      ...(speaker === undefined ? {} : { speaker }),
    })),
  };
}
