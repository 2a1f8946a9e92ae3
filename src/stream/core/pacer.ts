/**
 * When the next chunk may leave. Two rules:
 *
 * 1. real time: a frame is due at its position on a clock that started with the first one.
 *    Deadlines are absolute, so nothing drifts. Whenever the queue runs empty the clock is compared
 *    with the source: it follows one that is faster, and waits for one that is late by seconds.
 * 2. catch-up: after an outage everything is overdue, and is sent at `catchUp` times real time at
 *    most (PROTOCOL §4.2; bursts give poor text, P19).
 */
import { FRAMES_PER_MS } from "./frames.ts";

/** Unused catch-up allowance is kept for at most this long. */
const BURST_MS = 100;

/** A source that comes later than this has paused. */
const LONGEST_DEBT_MS = 3000;

export class Pacer {
  readonly #pace: number | "max";
  readonly #catchUp: number;
  #anchorFrame = 0;
  #anchorMs = Number.NEGATIVE_INFINITY;
  #nextAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param pace 1 is real time; `max` lifts both rules.
   * @param catchUp multiple of `pace` for overdue audio.
   */
  constructor(pace: number | "max", catchUp: number) {
    this.#pace = pace;
    this.#catchUp = catchUp;
  }

  /** The queue was empty and `frame` is written now. */
  anchor(now: number, frame: number): void {
    if (this.#pace === "max") return;
    const lateMs = now - this.#dueMs(frame, this.#pace);
    // A live source that stumbled is caught up with; one that paused starts afresh.
    if (lateMs >= 0 && lateMs <= LONGEST_DEBT_MS) return;
    this.#anchorFrame = frame;
    this.#anchorMs = now;
  }

  /** When `frame` may be sent. */
  readyAtMs(frame: number): number {
    if (this.#pace === "max") return Number.NEGATIVE_INFINITY;
    return Math.max(this.#nextAtMs, this.#dueMs(frame, this.#pace));
  }

  /** Whether `frame` should have been sent some time ago, so that larger chunks are right. */
  isLate(now: number, frame: number): boolean {
    return this.#pace === "max" || now - this.#dueMs(frame, this.#pace) > 500;
  }

  spend(now: number, frames: number): void {
    if (this.#pace === "max") return;
    const costMs = frames / FRAMES_PER_MS / (this.#pace * this.#catchUp);
    this.#nextAtMs = Math.max(this.#nextAtMs, now - BURST_MS) + costMs;
  }

  #dueMs(frame: number, pace: number): number {
    return this.#anchorMs + (frame - this.#anchorFrame) / FRAMES_PER_MS / pace;
  }
}
