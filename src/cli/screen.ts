/**
 * Live captions on a terminal: settled lines scroll away like any output, the words in progress
 * stand dimmed at the end. Pure: sizes and text in, ANSI out.
 *
 * Always true: a line that is full is written once and never touched again; below it stand only
 * the rows of `live`, with the cursor behind the last; those are all that an update may erase.
 */
import { foldText } from "../captions/tokens.ts";
import { textWidth } from "../captions/graphemes.ts";
import { physicalRows, wrapRows } from "./wrap.ts";

export interface ScreenSize {
  /** Columns. */
  readonly width: number;
  /** Rows; the words in progress take at most all but one. */
  readonly height: number;
}

export interface ScreenOptions {
  /** Dims the words in progress. Without colors they look like the others. */
  readonly color: boolean;
}

const ESC = "\u001B[";

/** One row of the part that may still change: plain text, and how much of it is settled. */
interface LiveRow {
  readonly text: string;
  readonly settled: number;
}

export class LiveScreen {
  readonly #options: ScreenOptions;
  #size: ScreenSize;
  /** Settled text of the line that is not full yet. */
  #line = "";
  #tail = "";
  #status = "";
  #live: readonly LiveRow[] = [];

  constructor(size: ScreenSize, options: ScreenOptions) {
    this.#size = size;
    this.#options = options;
  }

  /** Appends settled text and replaces the words in progress, as a stabilizer's update says. */
  show(commit: string, tail: string): string {
    this.#line += plain(commit);
    this.#tail = plain(tail);
    return this.#paint(this.#takeFull());
  }

  /** Ends the settled line, for a new speaker or utterance. The words in progress move below it. */
  breakLine(): string {
    if (this.#line.trim() === "") return "";
    const full = [...this.#takeFull(), this.#line.trim()];
    this.#line = "";
    return this.#paint(full);
  }

  /** A line of its own above the words in progress: a warning, a gap. */
  note(text: string): string {
    const full = this.#line.trim() === "" ? [] : [...this.#takeFull(), this.#line.trim()];
    this.#line = "";
    return this.#paint([...full, foldText(text)]);
  }

  /** One row under the words in progress, such as a level meter; empty for none. Cut where it does not fit. */
  status(text: string): string {
    this.#status = text;
    return this.#paint([]);
  }

  /** Erases the live rows, so that something else may write lines here; the next change brings them back. */
  hide(): string {
    const erased = this.#erase(this.#size.width);
    this.#live = [];
    return erased;
  }

  /**
   * The window has another size. Terminals have wrapped the live rows anew by then; they are erased
   * where they lie now. Full lines stay as the terminal shows them, and so do live rows that it
   * pushed into its history in doing so (tmux does, at the top of a screen that is not full yet).
   */
  resize(size: ScreenSize): string {
    const erased = this.#erase(size.width);
    this.#size = size;
    this.#live = [];
    return erased + this.#paint(this.#takeFull());
  }

  /** Ends with the settled text and the cursor on a fresh line; what nobody confirmed is gone. */
  close(): string {
    this.#tail = "";
    this.#status = "";
    const painted = this.#paint(this.#takeFull());
    const open = this.#line.trim() !== "";
    this.#live = [];
    this.#line = "";
    return painted + (open ? "\n" : "");
  }

  /** The last column stays empty: a terminal that is full to the edge wraps at its own time. */
  get #columns(): number {
    return Math.max(1, Math.floor(this.#size.width) - 1);
  }

  /** Takes the rows of the settled line that nothing can change any more. */
  #takeFull(): string[] {
    const rows = wrapRows(this.#line, this.#columns);
    const last = rows.at(-1);
    const full = rows.slice(0, -1).map(({ start, end }) => this.#line.slice(start, end));
    if (full.length > 0 && last !== undefined) this.#line = this.#line.slice(last.start);
    return full;
  }

  #paint(full: readonly string[]): string {
    const rows = this.#rows();
    const target: LiveRow[] = [...full.map((text) => ({ text, settled: text.length })), ...rows];
    let same = 0;
    while (same < this.#live.length && sameRow(this.#live[same], target[same])) same += 1;
    if (full.length === 0 && same === this.#live.length && same === target.length) return "";
    // The row before a new one ends with the line feed that leads to it.
    const from = Math.max(0, Math.min(same, target.length - 1, this.#live.length - 1));
    const painted = target.slice(from).map((row) => this.#style(row));
    const before = this.#live;
    if (painted.length === 0) return this.hide();
    this.#live = rows;
    const end = rows.length === 0 ? "\n" : "";
    if (before.length === 0) return painted.join("\n") + end;
    const start = moveUp(countRows(before.slice(from), this.#size.width) - 1);
    return `${start}${painted.map((row) => `${row}${ESC}K`).join("\n")}${end}${ESC}J`;
  }

  /**
   * Erases the live rows of a window that is `width` wide now. Not from the very first column: to
   * erase all of a screen makes some terminals keep a copy of it in their history.
   */
  #erase(width: number): string {
    if (this.#live.length === 0) return "";
    return `${moveUp(countRows(this.#live, width) - 1)} ${ESC}J\r`;
  }

  #rows(): LiveRow[] {
    const text = this.#line + this.#tail;
    const status =
      this.#status === "" ? [] : [{ text: this.#fit(this.#status), settled: Infinity }];
    const shown = text.trim() === "" ? [] : wrapRows(text, this.#columns);
    const room = Math.max(1, Math.floor(this.#size.height) - 1 - status.length);
    const rows = shown.slice(-room).map(({ start, end }) => ({
      text: text.slice(start, end),
      settled: Math.max(0, this.#line.length - start),
    }));
    return [...rows, ...status];
  }

  #fit(text: string): string {
    const [row] = wrapRows(foldText(text), this.#columns);
    return row === undefined ? "" : foldText(text).slice(row.start, row.end);
  }

  #style({ text, settled }: LiveRow): string {
    const tail = text.slice(settled);
    if (!this.#options.color || tail === "") return text;
    return `${text.slice(0, settled)}${ESC}2m${tail}${ESC}0m`;
  }
}

/** To the first column, `rows` further up. */
function moveUp(rows: number): string {
  return `\r${rows > 0 ? `${ESC}${rows}A` : ""}`;
}

/** Rows that the terminal shows for live rows in a window of `width` columns. */
function countRows(rows: readonly LiveRow[], width: number): number {
  return rows.reduce((sum, { text }) => sum + physicalRows(textWidth(text), width), 0);
}

function sameRow(a: LiveRow | undefined, b: LiveRow | undefined): boolean {
  if (a === undefined || b === undefined || a.text !== b.text) return false;
  return Math.min(a.settled, a.text.length) === Math.min(b.settled, b.text.length);
}

/** What is heard must not command the terminal: control characters become spaces. */
function plain(text: string): string {
  const folded = foldText(text);
  if (folded === "") return "";
  return `${/^\s/u.test(text) ? " " : ""}${folded}${/\s$/u.test(text) ? " " : ""}`;
}
