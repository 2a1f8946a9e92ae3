/**
 * One notion of acknowledged. The wire acknowledges no bytes: the end of the last final word and
 * the echo of a trace are turned into "answered for good up to frame N", and the replay buffer
 * forgets what lies before the place where a new connection would begin.
 */
import { framesOf } from "./frames.ts";
import type { Link } from "./link.ts";
import type { ReplayBuffer } from "./replay-buffer.ts";
import type { Timeline } from "./timeline.ts";

/** A word may be in progress for this long before the first sign of it … */
const WORD_FRAMES = framesOf(3);
/** … until the first words show how late they come; */
const UNLEARNED_FRAMES = framesOf(5);
/** a recognizer that shows words later than this is not waited for. */
const LONGEST_FRAMES = framesOf(15);
/** The first provisional word may still move a little towards the front. */
const SHIFT_FRAMES = framesOf(0.1);

export class Answers {
  readonly #timeline: Timeline;
  readonly #buffer: ReplayBuffer;
  #latenessFrames: number | undefined;

  constructor(timeline: Timeline, buffer: ReplayBuffer) {
    this.#timeline = timeline;
    this.#buffer = buffer;
  }

  /** New words were shown whose first begins at `frame`, when `heardFrame` was already answered. */
  learn(frame: number, heardFrame: number): void {
    this.#latenessFrames = Math.max(this.#latenessFrames ?? 0, heardFrame - frame);
  }

  /** How far behind an echo a word may hide that has not been shown. */
  get allowanceFrames(): number {
    const late = this.#latenessFrames;
    if (late === undefined) return UNLEARNED_FRAMES;
    return Math.min(LONGEST_FRAMES, Math.max(WORD_FRAMES, Math.ceil(late * 1.5)));
  }

  /** Everything before it has been answered, whether or not words came of it. */
  answeredFrame(link: Link): number {
    return Math.max(this.#timeline.ackedFrame, link.traces.heardFrame - this.allowanceFrames);
  }

  /**
   * An echo acknowledges only what lies before the first provisional word, because the interim text
   * of a dead connection is withdrawn, and leaves room for a word in progress.
   */
  acknowledge(link: Link): void {
    const first = link.hearing.firstProvisionalFrame();
    const bound = first === undefined ? Infinity : first - SHIFT_FRAMES;
    this.#timeline.acknowledge(Math.min(this.answeredFrame(link), bound));
  }

  release(link: Link): void {
    this.#buffer.release(Math.min(this.#timeline.rewindFrame(), link.origin.sentFrame));
  }
}
