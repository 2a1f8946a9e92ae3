/** Live captions that settle without flicker: the stabilizer says what stays, the screen paints it. */
import { Stabilizer, type Stability, type StableUpdate } from "../../captions/stabilizer.ts";
import type { SessionEvent } from "../../stream/core/events.ts";
import { levelMeter, type Level } from "../level-meter.ts";
import { LiveScreen, type ScreenSize } from "../screen.ts";
import { endNotice, noticeText } from "./notices.ts";
import type { LiveView, Shown } from "./view.ts";

export interface StableTextOptions {
  /** Of the terminal, now. */
  readonly size: () => ScreenSize;
  readonly color: boolean;
  readonly quiet: boolean;
  readonly stability: Stability;
}

export class StableText implements LiveView {
  readonly #options: StableTextOptions;
  readonly #stabilizer: Stabilizer;
  readonly #screen: LiveScreen;
  #tail = "";
  /** Whether rows of the terminal are ours to repaint. */
  #isDrawing = false;
  /** Before the first connection there is nothing to lose: only the error at the end is worth a line. */
  #connected = false;

  constructor(options: StableTextOptions) {
    this.#options = options;
    this.#stabilizer = new Stabilizer({ stability: options.stability });
    this.#screen = new LiveScreen(options.size(), { color: options.color });
  }

  show(event: SessionEvent, nowMs: number): Shown {
    switch (event.type) {
      case "interim":
        return { out: this.#apply(this.#stabilizer.push(nowMs, event)), err: "" };
      case "final": {
        const out = this.#apply(this.#stabilizer.push(nowMs, event));
        // Nothing is being said behind it: what comes next begins a line.
        return { out: this.#tail === "" ? out + this.#screen.breakLine() : out, err: "" };
      }
      case "end": {
        const out = this.#apply(this.#stabilizer.flush(nowMs)) + this.#screen.close();
        this.#isDrawing = false;
        return { out, err: endNotice(event, this.#options.quiet) };
      }
      case "connected":
        this.#connected = true;
        return { out: "", err: "" };
      case "gap":
      case "reconnecting":
      case "reconnected":
      case "warning":
        return this.#options.quiet || !this.#connected
          ? { out: "", err: "" }
          : { out: this.#screen.note(noticeText(event)), err: "" };
    }
  }

  /** The window has another size. */
  resize(): string {
    return this.#screen.resize(this.#options.size());
  }

  note(line: string): string | undefined {
    return this.#isDrawing ? this.#screen.note(line) : undefined;
  }

  level(level: Level): string {
    this.#isDrawing = true;
    return this.#screen.status(levelMeter(level, Math.min(60, this.#options.size().width - 1)));
  }

  nextTimeout(): number | undefined {
    return this.#stabilizer.nextTimeout();
  }

  tick(nowMs: number): string {
    return this.#apply(this.#stabilizer.tick(nowMs));
  }

  #apply(update: StableUpdate | undefined): string {
    if (update === undefined) return "";
    this.#tail = update.tail;
    this.#isDrawing = true;
    return this.#screen.show(update.commit, update.tail);
  }
}
