/**
 * What the session has said so far, on the session's own clock: how far the audio is acknowledged,
 * the last words that left, and where a new connection would have to begin.
 */
import { framesOf } from "./frames.ts";

/** A word that left, as much of it as a seam needs. Positions are session frames. */
export interface SpokenWord {
  readonly text: string;
  readonly startFrame: number | undefined;
  readonly endFrame: number | undefined;
}

/** The seam looks at no more than this many words back. */
const KEPT_WORDS = 32;
/** Words of context that a new connection hears again, to align by. */
const CONTEXT_WORDS = 2;
/** The context reaches back at most this far, so that the buffer stays small. */
const CONTEXT_FRAMES = framesOf(1);
/** Lead-in before a cut in silence. */
const LEAD_FRAMES = framesOf(0.2);
/** Lead-in before a cut where there is no pause: a word may begin a little before it is said to. */
const LEAST_LEAD_FRAMES = framesOf(0.05);

/** Always true: `ackedFrame` only grows, and `rewindFrame <= ackedFrame`. */
export class Timeline {
  readonly #tail: SpokenWord[] = [];
  #acked: number;
  #words = 0;
  #said = 0;
  /** Asked for with every answer; -1 = to be found again. */
  #rewind = -1;

  constructor(startFrame = 0) {
    this.#acked = startFrame;
  }

  /** Everything before this frame has been answered for good. */
  get ackedFrame(): number {
    return this.#acked;
  }

  /** Where the last word that left ends; nothing but words moves it. */
  get saidFrame(): number {
    return this.#said;
  }

  /** Words that have left. */
  get wordCount(): number {
    return this.#words;
  }

  /** The last words that left, oldest first. */
  get tail(): readonly SpokenWord[] {
    return this.#tail;
  }

  /** A word leaves: what it covers is acknowledged. */
  say(word: SpokenWord): void {
    this.#words += 1;
    this.#tail.push(word);
    this.#rewind = -1;
    if (this.#tail.length > KEPT_WORDS) this.#tail.shift();
    if (word.endFrame === undefined) return;
    this.#said = Math.max(this.#said, word.endFrame);
    this.acknowledge(word.endFrame);
  }

  acknowledge(frame: number): void {
    if (frame <= this.#acked) return;
    this.#acked = frame;
    this.#rewind = -1;
  }

  /**
   * Where a new connection begins: at a word boundary, in the middle of the pause before a word,
   * two words before the acknowledged position where they lie within a second of it, so that the
   * seam has something to align; in silence just before it.
   */
  rewindFrame(): number {
    if (this.#rewind < 0) this.#rewind = this.#findRewind();
    return this.#rewind;
  }

  #findRewind(): number {
    const acked = this.#acked;
    const earliest = acked - CONTEXT_FRAMES;
    let boundary = acked;
    let context = 0;
    for (let index = this.#tail.length - 1; index >= 0 && context < CONTEXT_WORDS; index -= 1) {
      const start = this.#tail[index]?.startFrame;
      if (start === undefined || start < earliest) break;
      const before = this.#tail[index - 1]?.endFrame ?? start - LEAD_FRAMES;
      const pause = Math.max(0, start - before);
      const lead = Math.max(LEAST_LEAD_FRAMES, Math.min(LEAD_FRAMES, Math.ceil(pause / 2)));
      const cut = Math.max(earliest, start - lead);
      if (cut >= boundary) continue;
      boundary = cut;
      context += 1;
    }
    return context > 0 ? boundary : this.#quietRewind();
  }

  #quietRewind(): number {
    const lastEnd = this.#tail.at(-1)?.endFrame ?? 0;
    return Math.max(0, Math.min(this.#acked, Math.max(lastEnd, this.#acked - LEAD_FRAMES)));
  }
}
