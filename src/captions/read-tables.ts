/**
 * Readers for captions as rows: TSV as whisper writes it (milliseconds), CSV with seconds. A header
 * may name the columns in any order; without one they stand as our writers put them. Rows that
 * cannot be a cue are skipped. One row is one cue of one line: nobody has laid it out yet.
 */
import { EverywordError } from "../errors.ts";
import type { Cue } from "./cue.ts";

interface Columns {
  readonly start: number;
  readonly end: number;
  readonly text: number;
  readonly speaker: number | undefined;
}

/**
 * The cues of a TSV file: start and end in whole milliseconds, and the text.
 *
 * @throws {EverywordError} `input-unreadable` when there is text but no row with times
 */
export function readTsv(text: string): Cue[] {
  const rows = withoutMark(text)
    .split(/\r\n|\r|\n/u)
    .map((line) => line.split("\t"));
  return cuesOf(rows, { start: 0, end: 1, text: 2, speaker: undefined }, 1000, "TSV");
}

/**
 * The cues of a CSV file (RFC 4180): start and end in seconds, the speaker, and the text. Cells may
 * be quoted and hold line ends.
 *
 * @throws {EverywordError} `input-unreadable` when there is text but no row with times
 */
export function readCsv(text: string): Cue[] {
  return cuesOf(csvRows(withoutMark(text)), { start: 0, end: 1, text: 3, speaker: 2 }, 1, "CSV");
}

function withoutMark(text: string): string {
  return text.replace(/^\u{FEFF}/u, "");
}

function cuesOf(
  rows: readonly (readonly string[])[],
  usual: Columns,
  unitsPerSecond: number,
  format: string,
): Cue[] {
  const filled = rows.filter((row) => row.some((cell) => cell.trim() !== ""));
  const named = columnsOf(filled[0] ?? []);
  const columns = named ?? usual;
  const timed = filled.slice(named === undefined ? 0 : 1).flatMap((row) => {
    const start = time(row[columns.start]);
    const end = time(row[columns.end]);
    return start === undefined || end === undefined ? [] : [{ row, start, end }];
  });
  if (timed.length === 0 && filled.length > (named === undefined ? 0 : 1)) {
    throw new EverywordError(
      "input-unreadable",
      `This is no ${format} file of captions: it has no row that begins with two times; check that the right file was given.`,
    );
  }
  return timed.flatMap(({ row, start, end }) => {
    const line = (row[columns.text] ?? "").replaceAll(/\s+/gu, " ").trim();
    if (line === "") return [];
    const speaker = columns.speaker === undefined ? "" : (row[columns.speaker] ?? "").trim();
    const cue: Cue = {
      start: start / unitsPerSecond,
      end: Math.max(end / unitsPerSecond, start / unitsPerSecond + 0.001),
      lines: [line],
    };
    return [speaker === "" ? cue : { ...cue, speaker }];
  });
}

/** Where the columns are, if the row is a header. */
function columnsOf(row: readonly string[]): Columns | undefined {
  const names = row.map((cell) => cell.trim().toLowerCase());
  const [start, end, text] = ["start", "end", "text"].map((name) => names.indexOf(name));
  if (start === undefined || end === undefined || text === undefined) return undefined;
  if (start < 0 || end < 0 || text < 0) return undefined;
  const speaker = names.indexOf("speaker");
  return { start, end, text, speaker: speaker < 0 ? undefined : speaker };
}

function time(cell: string | undefined): number | undefined {
  return cell !== undefined && /^\s*\d+(?:\.\d+)?\s*$/u.test(cell) ? Number(cell) : undefined;
}

/** Cells of RFC 4180; a quote that is never closed ends with the file. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"([^"]*(?:""[^"]*)*)(?:"|$)|([^",\r\n]*))[^,\r\n]*(,|\r\n|\r|\n|$)/uy;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    const [, quoted, plain, end] = match;
    rows.at(-1)?.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    if (end === "") break;
    if (end !== ",") rows.push([]);
  }
  return rows;
}
