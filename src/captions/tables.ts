/** Captions as rows: TSV as whisper writes it, CSV for spreadsheets, LRC for music players. */
import type { Cue } from "./cue.ts";
import { plainLines } from "./markup.ts";
import { timeCues, type TimedCue } from "./timestamp.ts";

export const TSV_HEADER = "start\tend\ttext\n";
export const CSV_HEADER = "start,end,speaker,text\n";

/** Tab-separated: start and end in whole milliseconds, and the text with tabs as spaces. */
export function writeTsv(cues: readonly Cue[]): string {
  let text = TSV_HEADER;
  for (const timed of timeCues(cues)) text += tsvRow(timed);
  return text;
}

export function tsvRow({ cue, startMs, endMs }: TimedCue): string {
  return `${startMs}\t${endMs}\t${oneLine(cue)}\n`;
}

/** RFC 4180 but for `\n` as the line end: times in seconds with three decimals, a column for the speaker. */
export function writeCsv(cues: readonly Cue[]): string {
  let text = CSV_HEADER;
  for (const timed of timeCues(cues)) text += csvRow(timed);
  return text;
}

export function csvRow({ cue, startMs, endMs }: TimedCue): string {
  const cells = [
    (startMs / 1000).toFixed(3),
    (endMs / 1000).toFixed(3),
    cue.speaker ?? "",
    oneLine(cue),
  ];
  return `${cells.map(csvCell).join(",")}\n`;
}

function csvCell(text: string): string {
  return /[",\r\n]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** How LRC is written. */
export interface LrcOptions {
  /** Puts `<mm:ss.xx>` before each word (the enhanced format). Default false. */
  readonly wordTags?: boolean | undefined;
}

/** Silence after which an empty line takes the old text off the screen. */
const LRC_CLEAR_MS = 1500;

/** LRC: `[mm:ss.xx]` before each line, minutes as many as needed, an empty line where a pause begins. */
export function writeLrc(cues: readonly Cue[], options: LrcOptions = {}): string {
  let text = "";
  let before: TimedCue | undefined;
  for (const timed of timeCues(cues)) {
    text += lrcClear(before, timed.startMs) + lrcLine(timed, options);
    before = timed;
  }
  return text + lrcClear(before, Infinity);
}

/** The empty line between a cue and what follows at `nextMs`, where there is a pause. */
export function lrcClear(before: TimedCue | undefined, nextMs: number): string {
  return before !== undefined && nextMs - before.endMs > LRC_CLEAR_MS
    ? `[${lrcTime(before.endMs)}]\n`
    : "";
}

export function lrcLine({ cue, startMs }: TimedCue, options: LrcOptions): string {
  const { words } = cue;
  if (options.wordTags !== true || words === undefined)
    return `[${lrcTime(startMs)}]${oneLine(cue)}\n`;
  const tagged = words.map((word, index) => {
    const apart = index > 0 && word.spaceBefore;
    return `${apart ? " " : ""}<${lrcTime(word.start * 1000)}>${plainLines([word.text]).join(" ")}`;
  });
  return `[${lrcTime(startMs)}]${tagged.join("")}\n`;
}

function lrcTime(milliseconds: number): string {
  const hundredths = Math.max(0, Math.round(milliseconds / 10));
  const minutes = String(Math.floor(hundredths / 6000)).padStart(2, "0");
  const seconds = String(Math.floor(hundredths / 100) % 60).padStart(2, "0");
  return `${minutes}:${seconds}.${String(hundredths % 100).padStart(2, "0")}`;
}

function oneLine(cue: Cue): string {
  const lines = plainLines(cue.lines);
  return lines.reduce((text, line, index) => text + (index > 0 ? seam(cue, index) : "") + line, "");
}

/** Lines broken between words written without spaces join without one. */
function seam(cue: Cue, line: number): string {
  const first = cue.words?.find((word) => word.line === line);
  return first?.spaceBefore === false ? "" : " ";
}
