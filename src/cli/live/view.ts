/** Session events -> what a person or a program reads. Pure: strings out. */
import type { Level } from "../level-meter.ts";
import type { SessionEvent } from "../../stream/core/events.ts";
import { endNotice, noticeText } from "./notices.ts";

export interface Shown {
  readonly out: string;
  readonly err: string;
}

export interface LiveView {
  /** @param nowMs milliseconds since the first audio */
  show(event: SessionEvent, nowMs: number): Shown;
  /** Paints anew after the window changed its size. */
  resize?(): string;
  /** A line that belongs to no event, above what is being drawn; `undefined` while nothing is. */
  note?(line: string): string | undefined;
  /** Shows how loud the microphone is. */
  level?(level: Level): string;
  /** When `tick` has something to show, in the same milliseconds. */
  nextTimeout?(): number | undefined;
  tick?(nowMs: number): string;
}

/**
 * Every event, one JSON object a line. The session knows only that its audio ended and was answered;
 * that it ended there because somebody said stop is known here, and told as the `reason`.
 */
export class JsonLines implements LiveView {
  readonly #isStopped: () => boolean;

  constructor(isStopped: () => boolean) {
    this.#isStopped = isStopped;
  }

  show(event: SessionEvent): Shown {
    const told =
      event.type === "end" && event.reason === "complete" && this.#isStopped()
        ? { ...event, reason: "interrupted" }
        : event;
    return { out: `${JSON.stringify(told)}\n`, err: "" };
  }
}

export interface LiveTextOptions {
  /** Width of the terminal now; absent where the output is no terminal: then only finals are printed. */
  readonly columns?: (() => number) | undefined;
  readonly color: boolean;
  readonly quiet: boolean;
}

/** Finals as lines; on a terminal the words in progress on the last one, replaced in place. */
export class LiveText implements LiveView {
  readonly #options: LiveTextOptions;
  #interims = new Map<string, string>();
  #drawn = false;
  /** Before the first connection there is nothing to lose: only the error at the end is worth a line. */
  #connected = false;

  constructor(options: LiveTextOptions) {
    this.#options = options;
  }

  show(event: SessionEvent): Shown {
    switch (event.type) {
      case "interim":
        if (event.text === "") this.#interims.delete(event.segment);
        else this.#interims.set(event.segment, event.text);
        return { out: this.#redraw(""), err: "" };
      case "final":
        this.#interims.delete(event.segment);
        return { out: this.#redraw(event.text === "" ? "" : `${event.text}\n`), err: "" };
      case "end":
        this.#interims.clear();
        return { out: this.#redraw(""), err: endNotice(event, this.#options.quiet) };
      case "gap":
      case "reconnecting":
      case "reconnected":
      case "warning":
        return this.#options.quiet || !this.#connected
          ? { out: "", err: "" }
          : { out: this.#erase(), err: `${noticeText(event)}\n` };
      case "connected":
        this.#connected = true;
        return { out: "", err: "" };
    }
  }

  #erase(): string {
    const erased = this.#drawn ? "\r\u001B[2K" : "";
    this.#drawn = false;
    return erased;
  }

  #redraw(settled: string): string {
    const erased = this.#erase();
    const { columns, color } = this.#options;
    if (columns === undefined) return settled;
    const tail = fitEnd([...this.#interims.values()].join(" "), Math.max(10, columns() - 1));
    this.#drawn = tail !== "";
    return erased + settled + (color && tail !== "" ? `\u001B[2m${tail}\u001B[0m` : tail);
  }
}

/** The end of the text that fits the width. */
export function fitEnd(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`;
}
