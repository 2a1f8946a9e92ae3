/**
 * Caption files that grow while people speak. What a sink returns is only ever appended, so the
 * file is whole after every call, also when the process is killed behind it.
 *
 * Invariants: what was pushed is in what was returned (nothing is held back); starts never fall;
 * a cue is at most a second late, and only because the one before it had to stay readable.
 */
import type { Word } from "../transcript.ts";
import type { Cue } from "./cue.ts";
import { tokensToCues } from "./cues.ts";
import type { FormatName, FormatOptions } from "./formats.ts";
import { highlightWords } from "./karaoke.ts";
import { resolveLimits, type CaptionLimits } from "./presets.ts";
import { RollUp, rollUpLimits } from "./roll-up.ts";
import { srtBlock, turnLabel } from "./srt.ts";
import { CSV_HEADER, csvRow, lrcClear, lrcLine, TSV_HEADER, tsvRow } from "./tables.ts";
import { textLines } from "./text.ts";
import { timeCues, type TimedCue } from "./timestamp.ts";
import { readTokens, type Token } from "./tokens.ts";
import { vttBlock, vttHeader } from "./vtt.ts";

/** The formats that can grow. A JSON document cannot: it is whole only at its end. */
export type SinkFormat = Exclude<FormatName, "json" | "full-json">;

/** The formats that can grow by appending. */
export const SINK_FORMATS: readonly SinkFormat[] = ["srt", "vtt", "txt", "tsv", "csv", "lrc"];

/** `preset: "whisper"` is not for growing files; the default preset is `live`. */
export type SinkOptions = Omit<FormatOptions, "preset" | "speakerLabels"> & {
  readonly preset?: Exclude<FormatOptions["preset"], "whisper">;
};

/** Grows one caption file. What it returns is appended and never changed later. */
export interface CueSink {
  /** What the file begins with; empty for most formats. Write it when the file is made. */
  readonly header: string;
  /**
   * The text to append for the words of one final. Give whole finals: the end of one ends a cue.
   * Words without times follow the words before them.
   */
  push(words: readonly Word[], language?: string): string;
  /** The text to append when nothing more comes. */
  flush(): string;
}

/** How long a cue may stay behind its last word when nobody knows what comes next. */
const HOLD_SECONDS = 1;

interface Printer {
  readonly header: string;
  print(cues: readonly Cue[], tokens: readonly Token[]): string;
  flush(): string;
}

/**
 * A sink for one growing file.
 *
 * @throws {RangeError} for a format that cannot grow, an unknown preset, or an impossible limit
 */
export function createCueSink(format: SinkFormat, options: SinkOptions = {}): CueSink {
  if (!SINK_FORMATS.includes(format)) {
    throw new RangeError(
      `Cannot write captions as they come: format must be one of ${SINK_FORMATS.join(", ")}, got ${format}`,
    );
  }
  const asked = resolveLimits({ preset: "live", ...options });
  const marks = options.speakers !== false;
  const rolls = options.rollUp !== undefined && (format === "srt" || format === "vtt");
  const limits = rolls ? rollUpLimits(asked, marks) : asked;
  const roll = rolls ? new RollUp(options.rollUp, limits.pauseSeconds, marks) : undefined;
  const printer = createPrinter(format, options);
  let reached = 0;
  let shownUntil = 0;
  return {
    header: printer.header,
    push(words, language) {
      const tokens = tokensFrom(words, language, reached);
      reached = tokens.reduce((latest, token) => Math.max(latest, token.end), reached);
      const cues = delayCues(
        tokensToCues(tokens, limits, options.speakers !== false),
        shownUntil,
        limits,
      );
      shownUntil = cues.at(-1)?.end ?? shownUntil;
      return printer.print(roll?.push(cues) ?? cues, tokens);
    },
    flush: () => printer.flush(),
  };
}

function tokensFrom(
  words: readonly Word[],
  language: string | undefined,
  reached: number,
): Token[] {
  const start = words.some((word) => word.start !== undefined) ? undefined : reached;
  const segment = { id: "", text: "", words, start };
  return readTokens({ segments: [segment], ...(language === undefined ? {} : { language }) });
}

/** Moves cues that would come while the one before still has to stay, and ends the last in time. */
function delayCues(cues: readonly Cue[], shownUntil: number, limits: CaptionLimits): Cue[] {
  let free = shownUntil === 0 ? 0 : shownUntil + limits.gapSeconds;
  return cues.map((cue, index) => {
    const spoken = cue.words?.reduce((latest, word) => Math.max(latest, word.end), 0) ?? cue.end;
    const start = Math.max(cue.start, Math.min(free, cue.start + HOLD_SECONDS));
    const last = index === cues.length - 1;
    const end = Math.max(last ? Math.min(cue.end, spoken + HOLD_SECONDS) : cue.end, start + 0.001);
    free = end + limits.gapSeconds;
    return { ...cue, start, end };
  });
}

/** The parts of a file that depend on what came before: numbers, labels, and times that never fall. */
function createPrinter(format: SinkFormat, options: SinkOptions): Printer {
  if (format === "txt") return createTextPrinter(options);
  let number = 0;
  let floorMs = 0;
  let speaker: string | undefined;
  let before: TimedCue | undefined;
  const labels = options.speakers !== false;
  const row = (timed: TimedCue): string => {
    number += 1;
    const label =
      labels && (speaker !== undefined || options.speakers === true)
        ? turnLabel(timed.cue, speaker)
        : "";
    const cleared = format === "lrc" ? lrcClear(before, timed.startMs) : "";
    speaker = timed.cue.speaker ?? speaker;
    before = timed;
    floorMs = timed.startMs;
    return cleared + printRow(format, timed, number, label, options);
  };
  const headers = { srt: "", vtt: vttHeader(options), tsv: TSV_HEADER, csv: CSV_HEADER, lrc: "" };
  return {
    header: headers[format],
    print(cues) {
      const marks = options.highlightWords === true && (format === "srt" || format === "vtt");
      let text = "";
      for (const timed of timeCues(marks ? highlightWords(cues) : cues, floorMs))
        text += row(timed);
      return text;
    },
    flush: () => (format === "lrc" ? lrcClear(before, Infinity) : ""),
  };
}

function printRow(
  format: Exclude<SinkFormat, "txt">,
  timed: TimedCue,
  number: number,
  label: string,
  options: SinkOptions,
): string {
  if (format === "srt") return srtBlock(timed, number, label);
  if (format === "vtt") return vttBlock(timed, options);
  if (format === "tsv") return tsvRow(timed);
  return format === "csv" ? csvRow(timed) : lrcLine(timed, options);
}

function createTextPrinter(options: SinkOptions): Printer {
  let speaker: string | undefined;
  return {
    header: "",
    print(_, tokens) {
      const labels =
        options.speakers !== false && (speaker !== undefined || options.speakers === true);
      const text = textLines(tokens, { speakers: labels, times: options.times }, speaker);
      speaker = tokens.at(-1)?.speaker ?? speaker;
      return text;
    },
    flush: () => "",
  };
}
