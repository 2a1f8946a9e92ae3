/**
 * When the next chunk may leave. Two rules:
 *
 * 1. real time: a frame is due at the moment it was written, or, when the source runs ahead, at
 *    the moment that its position has on a clock which started with the queue. Deadlines are
 *    absolute, so nothing drifts; whenever the queue runs empty the clock starts again.
 * 2. catch-up: after an outage everything is overdue, and is sent at `catchUp` times real time at
 *    most (PROTOCOL §4.2; bursts give poor text, P19).
 */
import { FRAMES_PER_MS } from "./frames.ts";

/** Unused catch-up allowance is kept for at most this long. */
const BURST_MS = 100;

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

  /** The queue was empty and `frame` is the next to go: its time is now. */
  anchor(now: number, frame: number): void {
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
