/** A terminal for the tests: prints, wraps, scrolls, moves, erases, and wraps anew when its width changes. */
import { graphemeWidth, graphemes } from "../../src/captions/graphemes.ts";

const ESC = "\u001B";

/** A control sequence, or text up to the next one. */
const TOKENS = new RegExp(`${ESC}\\[(\\d*)([A-Za-z])|[^${ESC}]+`, "gu");

/** A line until its line feed, however many rows it takes. */
interface Line {
  cells: string[];
}

export class Terminal {
  width: number;
  #lines: Line[] = [{ cells: [] }];
  /** Cursor: which line, and how many cells into it. */
  #line = 0;
  #cell = 0;
  /** What a program should not ask of a terminal. */
  readonly unknown: string[] = [];

  constructor(width: number) {
    this.width = width;
  }

  write(text: string): void {
    for (const [token, count, command] of text.matchAll(TOKENS)) {
      if (command === undefined) for (const grapheme of graphemes(token)) this.#print(grapheme);
      else this.#command(command, Number(count === "" ? 1 : count));
    }
  }

  /** All rows that anything was written to, scrolled away or not, without spaces at their ends. */
  rows(): string[] {
    return this.#lines.flatMap((line) => this.#rowsOf(line).map((row) => row.join("").trimEnd()));
  }

  #print(grapheme: string): void {
    if (grapheme === "\r") {
      this.#cell = this.#rowStart();
      return;
    }
    if (grapheme === "\n") {
      this.#line += 1;
      this.#cell = 0;
      if (this.#line === this.#lines.length) this.#lines.push({ cells: [] });
      return;
    }
    const { cells } = this.#current();
    cells[this.#cell] = grapheme;
    this.#cell += 1;
    if (graphemeWidth(grapheme) === 2) {
      cells[this.#cell] = "";
      this.#cell += 1;
    }
  }

  #command(name: string, count: number): void {
    if (name === "m") return;
    if (name === "A") {
      for (let row = 0; row < count; row += 1) this.#up();
    } else if (name === "J") {
      // tmux, for one, keeps a copy of the screen in its history then.
      if (this.#line === 0 && this.#cell === 0) this.unknown.push("J at the first cell");
      this.#current().cells.length = this.#cell;
      this.#lines.length = this.#line + 1;
    } else if (name === "K") {
      this.#eraseRow(this.#cell);
    } else {
      this.unknown.push(name);
    }
  }

  #up(): void {
    const start = this.#rowStart();
    if (start > 0) {
      this.#cell = Math.max(0, start - this.width);
    } else if (this.#line > 0) {
      this.#line -= 1;
      const { cells } = this.#current();
      this.#cell = Math.floor(Math.max(0, cells.length - 1) / this.width) * this.width;
    } else {
      this.unknown.push("up beyond the first row");
    }
  }

  /** From `cell` to the end of the row. What the line has in rows below stays where it is. */
  #eraseRow(cell: number): void {
    const { cells } = this.#current();
    const end = this.#rowStart() + this.width;
    if (cells.length <= end) cells.length = Math.min(cells.length, cell);
    else for (let at = cell; at < end; at += 1) cells[at] = " ";
  }

  /** The first cell of the cursor's row. */
  #rowStart(): number {
    const at =
      this.#cell > 0 && this.#cell === this.#current().cells.length ? this.#cell - 1 : this.#cell;
    return Math.floor(at / this.width) * this.width;
  }

  #current(): Line {
    return this.#lines[this.#line] ?? { cells: [] };
  }

  #rowsOf({ cells }: Line): string[][] {
    const rows: string[][] = [];
    for (let start = 0; start === 0 || start < cells.length; start += this.width) {
      rows.push(cells.slice(start, start + this.width));
    }
    return rows;
  }
}
