/**
 * Session events on a terminal: all words in progress are in sight, settle without flicker, and
 * scroll away line by line. Pure: strings out; the caller owns the terminal and one timer.
 */
import { Stabilizer, type Stability, type StableUpdate } from "../../captions/stabilizer.ts";
import type { SessionEvent } from "../../stream/core/events.ts";
import { levelMeter, type Level } from "../level-meter.ts";
import { LiveScreen, type ScreenSize } from "../screen.ts";
import { endNotice, noticeLine } from "./notices.ts";
import type { LiveView, Shown } from "./view.ts";

export interface ScreenViewOptions {
  /** The terminal as it is now; looked at before anything is drawn. */
  readonly size: () => ScreenSize;
  readonly color: boolean;
  readonly quiet: boolean;
  readonly stability: Stability;
}

/** A meter wider than this tells no more. */
const METER_COLUMNS = 50;

export class ScreenView implements LiveView {
  readonly #options: ScreenViewOptions;
  readonly #stabilizer: Stabilizer;
  readonly #screen: LiveScreen;
  #size: ScreenSize;
  /** Before the first connection there is nothing to lose: only the error at the end is worth a line. */
  #connected = false;

  constructor(options: ScreenViewOptions) {
    this.#options = options;
    this.#size = options.size();
    this.#stabilizer = new Stabilizer({ stability: options.stability });
    this.#screen = new LiveScreen(this.#size, { color: options.color });
  }

  /** Text becomes a line of its own once nothing behind it is open. */
  show(event: SessionEvent, nowMs: number): Shown {
    const resized = this.#fit();
    switch (event.type) {
      case "interim":
        return { out: resized + this.#apply(this.#stabilizer.push(nowMs, event)), err: "" };
      case "final": {
        const update = this.#stabilizer.push(nowMs, event);
        const shown = resized + this.#apply(update);
        return { out: update?.tail === "" ? shown + this.#screen.breakLine() : shown, err: "" };
      }
      case "end": {
        const settled = this.#apply(this.#stabilizer.flush(nowMs));
        return { out: resized + settled + this.#screen.close(), err: endNotice(event) };
      }
      case "connected":
        this.#connected = true;
        return { out: resized, err: "" };
      case "gap":
      case "reconnecting":
      case "reconnected":
      case "warning":
        if (this.#options.quiet || !this.#connected) return { out: resized, err: "" };
        return { out: resized + this.#screen.hide(), err: noticeLine(event) };
    }
  }

  nextTimeout(): number | undefined {
    return this.#stabilizer.nextTimeout();
  }

  tick(nowMs: number): string {
    return this.#fit() + this.#apply(this.#stabilizer.tick(nowMs));
  }

  /** Shows how loud the input is, below the words; `undefined` takes the meter away. */
  level(level: Level | undefined): string {
    const resized = this.#fit();
    const columns = Math.min(METER_COLUMNS, this.#size.width - 1);
    return resized + this.#screen.status(level === undefined ? "" : levelMeter(level, columns));
  }

  #apply(update: StableUpdate | undefined): string {
    return update === undefined ? "" : this.#screen.show(update.commit, update.tail);
  }

  #fit(): string {
    const size = this.#options.size();
    if (size.width === this.#size.width && size.height === this.#size.height) return "";
    this.#size = size;
    return this.#screen.resize(size);
  }
}
