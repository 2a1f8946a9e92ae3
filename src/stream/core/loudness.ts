/**
 * Which of the audio may hold speech, by its loudness alone. The echo of a trace says that the other
 * side has dealt with the audio, not that it has said all it heard: a recognizer that works in
 * pieces may be silent for ten seconds and then give every word. So only audio that is quiet by the
 * client's own measure is acknowledged without words.
 */
import { framesOf } from "./frames.ts";
import { BYTES_PER_FRAME } from "./wire.ts";

/** Mean absolute sample below which audio is quiet whatever the room: about -55 dBFS. */
const QUIET_LEVEL = 60;
/** Speech stands out from the room by more than this factor. */
const ABOVE_FLOOR = 2;
/** The room's floor is followed up to here: about -38 dBFS. */
const HIGHEST_FLOOR = 400;
/** How fast the floor rises where nothing is quieter, for each message. */
const RISE = 1.003;
/** The floor is kept as a whole number of such parts: those lie in the object itself. */
const FLOOR_PARTS = 1024;
/** A word's last sound may go on this long behind its end as the recognizer has it. */
const TAIL_FRAMES = framesOf(0.3);
/** Speech begins a little before it is loud. */
const ONSET_FRAMES = framesOf(0.2);
/** Loud stretches that are told apart; more are joined with the silence between them. */
const KEPT_STRETCHES = 512;

/** One sample in this many is looked at; odd, so that no usual tone hides between them. */
const STRIDE = 7;

/** Mean absolute sample of a message, to the nearest whole; every seventh is looked at. */
export function levelOf(bytes: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (let index = 1; index < bytes.length; index += STRIDE * BYTES_PER_FRAME) {
    // Two bytes, the second with the sign; a view of samples would have to begin at an even address.
    const sample = ((bytes[index] ?? 0) << 24) | ((bytes[index - 1] ?? 0) << 16);
    sum += Math.abs(sample >> 16);
    count += 1;
  }
  return count === 0 ? 0 : Math.round(sum / count);
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * Always true: stretches are ordered and apart, the newest in fields of its own; all audio before
 * `#measured` was measured once.
 */
export class Loudness {
  readonly #older: Stretch[] = [];
  /** Of the newest stretch; before it begins there is none. */
  #start = -1;
  #end = -1;
  #measured = 0;
  /** In parts. */
  #floor = HIGHEST_FLOOR * FLOOR_PARTS;

  /** One message of audio that begins at `frame`; audio that was measured before is skipped. */
  measure(frame: number, frames: number, level: number): void {
    if (frame < this.#measured) return;
    this.#measured = frame + frames;
    const risen = Math.floor(this.#floor * RISE);
    this.#floor = Math.min(Math.floor(Math.min(level, HIGHEST_FLOOR) * FLOOR_PARTS), risen);
    if (level < Math.max(QUIET_LEVEL, (this.#floor * ABOVE_FLOOR) / FLOOR_PARTS)) return;
    if (this.#start < 0) this.#start = frame;
    else if (frame - this.#end > ONSET_FRAMES && this.#older.length < KEPT_STRETCHES - 1) {
      this.#older.push({ start: this.#start, end: this.#end });
      this.#start = frame;
    }
    this.#end = frame + frames;
  }

  /** Nothing before `frame` will be asked for. */
  forget(frame: number): void {
    if (this.#end <= frame) this.#start = -1;
    while ((this.#older[0]?.end ?? Infinity) <= frame) this.#older.shift();
  }

  /**
   * The first position behind `fromFrame` at which something may have been said that has not been
   * heard of; Infinity = all is quiet.
   * @param saidFrame where the last word ends; audio is also done with where a gap was told, and
   *   sound that goes on behind a gap is no word's.
   * @param settledFrame the sound that goes on behind a word counts as its own before this position.
   */
  firstLoudFrame(fromFrame: number, saidFrame: number, settledFrame: number): number {
    const older = this.#older.findIndex((stretch) => stretch.end > fromFrame);
    const at = older < 0 ? this.#older.length : older;
    const first = this.#stretch(at);
    if (first === undefined || first.end <= fromFrame) return Infinity;
    const isTail = first.start < saidFrame && first.end <= saidFrame + TAIL_FRAMES;
    if (!isTail || first.end > settledFrame) return first.start - ONSET_FRAMES;
    const next = this.#stretch(at + 1);
    return next === undefined ? Infinity : next.start - ONSET_FRAMES;
  }

  /** Counted from the oldest. */
  #stretch(at: number): Stretch | undefined {
    if (at < this.#older.length) return this.#older[at];
    const isNewest = at === this.#older.length && this.#start >= 0;
    return isNewest ? { start: this.#start, end: this.#end } : undefined;
  }
}
