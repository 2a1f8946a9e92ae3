/**
 * Live captions that settle without flicker: what was committed stays, only the tail behind it is
 * drawn anew. Only the last row of the terminal is ever touched, so a window of any width, and one
 * that changes its width, shows every committed word once.
 */
import { textWidth } from "../../captions/graphemes.ts";
import { Stabilizer, type Stability, type StableUpdate } from "../../captions/stabilizer.ts";
import type { SessionEvent } from "../../stream/core/events.ts";
import { printable } from "../printable.ts";
import { endNotice, noticeLine } from "./notices.ts";
import type { LiveView, Shown } from "./view.ts";

export interface StableTextOptions {
  /** Width of the terminal now. */
  readonly columns: () => number;
  readonly color: boolean;
  readonly quiet: boolean;
  readonly stability: Stability;
}

export class StableText implements LiveView {
  readonly #options: StableTextOptions;
  readonly #stabilizer: Stabilizer;
  /** Committed and on the last row; what came before has scrolled up for good. */
  #row = "";
  #tail = "";
  #drawn = false;
  #connected = false;

  constructor(options: StableTextOptions) {
    this.#options = options;
    this.#stabilizer = new Stabilizer({ stability: options.stability });
  }

  show(event: SessionEvent, nowMs: number): Shown {
    switch (event.type) {
      case "interim":
      case "final": {
        const update = this.#stabilizer.push(nowMs, event);
        const out = this.#apply(update);
        // A final with nothing behind it ends a sentence: the next one begins a row.
        const ends = event.type === "final" && this.#tail === "" && this.#row !== "";
        return { out: ends ? out + this.#endRow() : out, err: "" };
      }
      case "end": {
        const out = this.#apply(this.#stabilizer.flush(nowMs));
        return { out: this.#row === "" ? out : out + this.#endRow(), err: endNotice(event) };
      }
      case "connected":
        this.#connected = true;
        return { out: "", err: "" };
      case "gap":
      case "reconnecting":
      case "reconnected":
      case "warning":
        if (this.#options.quiet || !this.#connected) return { out: "", err: "" };
        return { out: this.#erase() + this.#endRow(), err: noticeLine(event) };
    }
  }

  nextTimeout(): number | undefined {
    return this.#stabilizer.nextTimeout();
  }

  tick(nowMs: number): string {
    return this.#apply(this.#stabilizer.tick(nowMs));
  }

  #apply(update: StableUpdate | undefined): string {
    if (update === undefined) return "";
    this.#tail = printable(update.tail);
    let out = this.#erase();
    for (const word of printable(update.commit).split(/(?<= )/u)) out += this.#put(word);
    return out + this.#draw();
  }

  /** Adds a committed word to the row; one that does not fit begins the next. */
  #put(word: string): string {
    const joined = this.#row + word;
    if (this.#row === "" || textWidth(joined.trimEnd()) <= this.#width()) {
      this.#row = this.#row === "" ? word.trimStart() : joined;
      return "";
    }
    const row = this.#row.trimEnd();
    this.#row = word.trimStart();
    return `${row}\n`;
  }

  #draw(): string {
    const room = this.#width() - textWidth(this.#row);
    const tail = cutToWidth(this.#row === "" ? this.#tail.trimStart() : this.#tail, room);
    this.#drawn = this.#row !== "" || tail !== "";
    return this.#row + (this.#options.color && tail !== "" ? `\u001B[2m${tail}\u001B[0m` : tail);
  }

  #endRow(): string {
    const row = this.#row.trimEnd();
    const out = this.#erase() + (row === "" ? "" : `${row}\n`);
    this.#row = "";
    return out;
  }

  #erase(): string {
    const erased = this.#drawn ? "\r\u001B[2K" : "";
    this.#drawn = false;
    return erased;
  }

  #width(): number {
    return Math.max(10, this.#options.columns() - 1);
  }
}

/** The beginning of the text that fits, by whole words; an ellipsis says that there is more. */
function cutToWidth(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = "";
  for (const word of text.split(/(?<= )/u)) {
    if (textWidth(cut + word.trimEnd()) > width - 1) break;
    cut += word;
  }
  return width > 0 ? `${cut.trimEnd()}…` : "";
}
