/**
 * One notion of acknowledged. The wire acknowledges no bytes: the end of the last final word and
 * the echo of a trace are turned into "answered for good up to frame N", and the replay buffer
 * forgets what lies before the place where a new connection would begin.
 */
import { framesOf } from "./frames.ts";
import type { Link } from "./link.ts";
import type { Loudness } from "./loudness.ts";
import type { ReplayBuffer } from "./replay-buffer.ts";
import type { Timeline } from "./timeline.ts";

/** A word may be in progress for this long before the first sign of it … */
const WORD_FRAMES = framesOf(3);
/** … until the first words show how late they come; */
const UNLEARNED_FRAMES = framesOf(5);
/** a recognizer that shows words later than this, a piece and a step, is not waited for. */
const LONGEST_FRAMES = framesOf(16);
/** The first provisional word may still move a little towards the front. */
const SHIFT_FRAMES = framesOf(0.1);

export class Answers {
  readonly #timeline: Timeline;
  readonly #buffer: ReplayBuffer;
  readonly #loudness: Loudness;
  #latenessFrames: number | undefined;

  constructor(timeline: Timeline, buffer: ReplayBuffer, loudness: Loudness) {
    this.#timeline = timeline;
    this.#buffer = buffer;
    this.#loudness = loudness;
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

  /** Everything before it has been answered: words were said, or it is quiet and an echo came. */
  answeredFrame(link: Link): number {
    const acked = this.#timeline.ackedFrame;
    const { heardFrame } = link.traces;
    // The sound that goes on behind a word may be another one, until it would have been shown.
    const settled = heardFrame - LONGEST_FRAMES;
    const loud = this.#loudness.firstLoudFrame(acked, this.#timeline.saidFrame, settled);
    return Math.max(acked, Math.min(heardFrame - this.allowanceFrames, loud));
  }

  /** Where the first sound begins that has no words, be it the ringing of a word; Infinity = none. */
  get unsaidFrame(): number {
    const { ackedFrame, saidFrame } = this.#timeline;
    const loud = this.#loudness.firstLoudFrame(ackedFrame, saidFrame, Number.NEGATIVE_INFINITY);
    return Math.max(ackedFrame, loud);
  }

  /**
   * Whether all audio before `endFrame` was answered and nothing loud lies behind the last word that
   * was said or is shown. An echo alone does not say so: a recognizer that works in pieces echoes at
   * once what it will only speak of later.
   *
   * @param isOver nothing more will be said: the sound that goes on behind a word is its own.
   */
  isSaid(link: Link, endFrame: number, isOver: boolean): boolean {
    const { heardFrame } = link.traces;
    if (heardFrame < endFrame) return false;
    return this.#unshownFrame(link, isOver ? Infinity : heardFrame - LONGEST_FRAMES) >= endFrame;
  }

  /**
   * Where the first sound begins that has no words; Infinity = none was sent. The sound that goes on
   * behind a word is its own.
   */
  soundFrame(link: Link): number {
    return this.#unshownFrame(link, Infinity);
  }

  /** Where the first sound begins that was neither said nor is shown; `settledFrame` as in `firstLoudFrame`. */
  #unshownFrame(link: Link, settledFrame: number): number {
    const shown = link.hearing.shownFrame;
    const from = Math.max(this.#timeline.ackedFrame, shown);
    const said = Math.max(this.#timeline.saidFrame, shown);
    return this.#loudness.firstLoudFrame(from, said, settledFrame);
  }

  /**
   * An echo acknowledges only quiet audio, and of that only what lies before the first provisional
   * word, because the interim text of a dead connection is withdrawn; and it leaves room for a word
   * in progress.
   */
  acknowledge(link: Link): void {
    // While another connection is still saying what comes before, this one acknowledges nothing.
    if (link.hearing.isHeld) return;
    const first = link.hearing.firstProvisionalFrame();
    const bound = first === undefined ? Infinity : first - SHIFT_FRAMES;
    this.#loudness.forget(this.#timeline.ackedFrame);
    const answered = Math.min(this.answeredFrame(link), link.hearing.cutFrame);
    this.#timeline.acknowledge(Math.min(answered, bound));
  }

  release(link: Link): void {
    this.#buffer.release(Math.min(this.#timeline.rewindFrame(), link.origin.sentFrame));
  }
}
