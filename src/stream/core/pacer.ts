/**
 * When the next chunk may leave. Two rules:
 *
 * 1. real time: a frame is due at its position on a clock that started with the first one.
 *    Deadlines are absolute, so nothing drifts. Whenever the queue runs empty the clock is compared
 *    with the source: it follows one that is faster, and waits for one that is late by seconds.
 * 2. catch-up: after an outage everything is overdue, and is sent at `catchUp` times real time at
 *    most (PROTOCOL §4.2; bursts give poor text, P19).
 */
import { FRAMES_PER_MS, framesOf } from "./frames.ts";

/** Unused catch-up allowance is kept for at most this long. */
const BURST_FRAMES = framesOf(0.1);
/** A source that comes later than this has paused. */
const LONGEST_DEBT_FRAMES = framesOf(3);
/** Audio that is later than this goes out in larger chunks. */
const LATE_FRAMES = framesOf(0.5);
/** Before any clock began. */
const LONG_AGO = -(2 ** 30);

/**
 * Time is counted in frames as well. Whole numbers lie in the object itself, others in memory of
 * their own, and a look at that is what a chunk of audio costs.
 */
export class Pacer {
  readonly #pace: number | "max";
  readonly #catchUp: number;
  #anchorFrame = 0;
  #anchorAt = LONG_AGO;
  #nextAt = LONG_AGO;

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
    const at = timeOf(now);
    const late = at - this.#dueAt(frame, this.#pace);
    // A live source that stumbled is caught up with; one that paused starts afresh.
    if (late >= 0 && late <= LONGEST_DEBT_FRAMES) return;
    this.#anchorFrame = frame;
    this.#anchorAt = at;
  }

  /** When `frame` may be sent. */
  readyAtMs(frame: number): number {
    if (this.#pace === "max") return Number.NEGATIVE_INFINITY;
    return Math.max(this.#nextAt, this.#dueAt(frame, this.#pace)) / FRAMES_PER_MS;
  }

  /** Whether `frame` should have been sent some time ago, so that larger chunks are right. */
  isLate(now: number, frame: number): boolean {
    return this.#pace === "max" || timeOf(now) - this.#dueAt(frame, this.#pace) > LATE_FRAMES;
  }

  spend(now: number, frames: number): void {
    if (this.#pace === "max") return;
    const cost = Math.round(frames / (this.#pace * this.#catchUp));
    this.#nextAt = Math.max(this.#nextAt, timeOf(now) - BURST_FRAMES) + cost;
  }

  #dueAt(frame: number, pace: number): number {
    return this.#anchorAt + (frame - this.#anchorFrame) / pace;
  }
}

function timeOf(now: number): number {
  return Math.floor(now * FRAMES_PER_MS);
}
