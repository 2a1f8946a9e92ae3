/** How far a session has come, and when it has waited long enough for the rest. */
import type { Link } from "./link.ts";

/** Text that belongs to the end marker may come this much after its echo (W35). */
const LATE_TEXT_MS = 300;
/** End markers that may stay without an echo, and without anything new, for the whole time. */
const FRUITLESS_ENDS = 2;

/** A server that says the same again and again, or changes its mind for ever, is listened to so long. */
const FRUITLESS_ANSWERS_MS = 60_000;

/** Always true: `#furthestFrame` only grows. */
export class Ending {
  readonly #timeoutMs: number;
  #furthestFrame = 0;
  #furthestAtMs = -Infinity;
  #fruitlessEnds = 0;
  #graceEndMs = Infinity;
  /** The end marker of the connection that carries audio was echoed. */
  isEchoed = false;

  /** @param timeoutMs longest time without progress after the end marker. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** @returns whether that is further than any connection came before. */
  reached(now: number, frame: number): boolean {
    if (frame <= this.#furthestFrame) return false;
    this.#furthestFrame = frame;
    this.#furthestAtMs = now;
    this.#fruitlessEnds = 0;
    return true;
  }

  /** Whether an answer that leads no further is still worth waiting for others. */
  isPatient(now: number, link: Link): boolean {
    return now - Math.max(this.#furthestAtMs, link.openedAtMs) < FRUITLESS_ANSWERS_MS;
  }

  /** The echo came while words are provisional, or sound has none: their last form may follow. */
  waitForText(now: number): void {
    this.#graceEndMs = Math.min(this.#graceEndMs, now + LATE_TEXT_MS);
  }

  hasWaitedForText(now: number): boolean {
    return now >= this.#graceEndMs;
  }

  /** The connection is lost. */
  lost(): void {
    this.isEchoed = false;
    this.#graceEndMs = Infinity;
  }

  /** No echo came in time, or before the connection ended. @returns whether it is no use to try again. */
  overdue(): boolean {
    this.#fruitlessEnds += 1;
    return this.#fruitlessEnds >= FRUITLESS_ENDS;
  }

  isOverdue(now: number, link: Link): boolean {
    return now >= this.#deadlineMs(link);
  }

  nextAtMs(link: Link): number {
    return Math.min(this.#deadlineMs(link), this.#graceEndMs);
  }

  #deadlineMs(link: Link): number {
    if (link.endSentAtMs === undefined) return Infinity;
    return Math.max(link.endSentAtMs, link.progressAtMs) + this.#timeoutMs;
  }
}
