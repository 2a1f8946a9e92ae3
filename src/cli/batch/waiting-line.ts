/** The one line that says how far a run of jobs is, drawn anew each second; nothing off a terminal. */
import { formatClock } from "../clock-time.ts";
import { columnsOf, type Io } from "../io.ts";

const REDRAW_MS = 1000;

export interface Counts {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
}

export class WaitingLine {
  readonly #stderr: Io["stderr"];
  readonly #counts: () => Counts;
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #timer: NodeJS.Timeout | undefined;
  #drawn = false;

  /** @param shown whether anything is ever drawn. */
  constructor(
    stderr: Io["stderr"],
    shown: boolean,
    counts: () => Counts,
    now: () => number = () => performance.now(),
  ) {
    this.#stderr = stderr;
    this.#counts = counts;
    this.#now = now;
    this.#startedMs = now();
    if (!shown) return;
    this.#timer = setInterval(() => this.draw(), REDRAW_MS);
    this.#timer.unref();
    this.draw();
  }

  draw(): void {
    if (this.#timer === undefined) return;
    this.clear();
    const room = Math.max(12, columnsOf(this.#stderr) - 1);
    const line = waitingLine(this.#counts(), (this.#now() - this.#startedMs) / 1000);
    this.#stderr.write(line.slice(0, room));
    this.#drawn = true;
  }

  /** Before anything else is printed. */
  clear(): void {
    if (this.#drawn) this.#stderr.write("\r\u001B[2K");
    this.#drawn = false;
  }

  close(): void {
    clearInterval(this.#timer);
    this.clear();
  }
}

/** `2 of 24 done, 1 failed, 21 processing  1:05`. Pure. */
export function waitingLine({ total, done, failed }: Counts, elapsedSeconds: number): string {
  const parts = [
    `${done} of ${total} done`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    `${total - done - failed} processing`,
  ];
  return `${parts.join(", ")}  ${formatClock(elapsedSeconds)}`;
}
