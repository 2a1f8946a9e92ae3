/**
 * From positions in the audio that was sent to seconds for the caller. The two differ where time
 * passed without audio (a pause, a hole in the source): such time is not sent, it is a jump.
 */
import { secondsOf } from "./frames.ts";

interface Jump {
  /** First frame behind the jump. */
  readonly frame: number;
  /** Frames of silence that lie before it, all jumps together. */
  readonly skipped: number;
}

/** Jumps that are remembered; older ones count only for what comes after them. */
const KEPT_JUMPS = 4096;

/** Always true: jumps are ordered by frame, and their sum only grows. */
export class MediaClock {
  readonly #jumps: Jump[] = [];

  /** Time passes without audio: `frame` is the first one after it. */
  jump(frame: number, frames: number): void {
    this.#jumps.push({ frame, skipped: this.skippedFrames + frames });
    if (this.#jumps.length > KEPT_JUMPS) this.#jumps.shift();
  }

  /** Frames that passed without audio so far. */
  get skippedFrames(): number {
    return this.#jumps.at(-1)?.skipped ?? 0;
  }

  /** The audio position of a frame on the caller's clock: the inverse of `seconds`, for either end of a word. */
  frameAt(mediaFrame: number): number {
    for (let index = this.#jumps.length - 1; index >= 0; index -= 1) {
      const jump = this.#jumps[index];
      if (jump !== undefined && jump.frame + jump.skipped <= mediaFrame) {
        return mediaFrame - jump.skipped;
      }
    }
    return mediaFrame;
  }

  /** The media time of an audio position; a position at a jump is before it when `isEnd`. */
  seconds(frame: number, isEnd = false): number {
    let skipped = 0;
    for (let index = this.#jumps.length - 1; index >= 0; index -= 1) {
      const jump = this.#jumps[index];
      if (jump !== undefined && (isEnd ? jump.frame < frame : jump.frame <= frame)) {
        skipped = jump.skipped;
        break;
      }
    }
    return secondsOf(frame + skipped);
  }
}
