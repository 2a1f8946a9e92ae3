/** Session events -> what a person or a program reads. Pure: strings out. */
import type { SessionEvent } from "../../stream/core/events.ts";

export interface Shown {
  readonly out: string;
  readonly err: string;
}

export interface LiveView {
  show(event: SessionEvent): Shown;
}

/** Every event, one JSON object a line. */
export class JsonLines implements LiveView {
  show(event: SessionEvent): Shown {
    return { out: `${JSON.stringify(event)}\n`, err: "" };
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
        return { out: this.#redraw(""), err: endNotice(event) };
      case "gap":
      case "reconnecting":
      case "reconnected":
      case "warning":
        return this.#options.quiet || !this.#connected
          ? { out: "", err: "" }
          : { out: this.#erase(), err: `everyword: ${notice(event)}\n` };
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
function fitEnd(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`;
}

function notice(
  event: Extract<SessionEvent, { type: "gap" | "reconnecting" | "reconnected" | "warning" }>,
): string {
  switch (event.type) {
    case "gap":
      return `nothing is known of the audio from ${event.start.toFixed(2)} s to ${event.end.toFixed(2)} s (${event.reason})`;
    case "reconnecting":
      return `connection lost (${event.cause}); try ${event.attempt} in ${(event.delayMs / 1000).toFixed(1)} s`;
    case "reconnected":
      return `connected again; ${event.replayedSeconds.toFixed(1)} s sent once more`;
    case "warning":
      return event.message;
  }
}

function endNotice(event: Extract<SessionEvent, { type: "end" }>): string {
  return event.reason === "timed-out"
    ? "everyword: the server did not confirm the end of the audio; the last words may be missing\n"
    : "";
}
