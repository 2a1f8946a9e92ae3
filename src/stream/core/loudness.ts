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
/** A word's last sound may go on this long behind its end as the recognizer has it. */
const TAIL_FRAMES = framesOf(0.3);
/** Speech begins a little before it is loud. */
const ONSET_FRAMES = framesOf(0.2);
/** Loud stretches that are told apart; more are joined with the silence between them. */
const KEPT_STRETCHES = 512;

/** One sample in this many is looked at; odd, so that no usual tone hides between them. */
const STRIDE = 7;

/** Mean absolute sample of a message; every seventh is looked at. */
export function levelOf(bytes: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (let index = 1; index < bytes.length; index += STRIDE * BYTES_PER_FRAME) {
    // Two bytes, the second with the sign; a view of samples would have to begin at an even address.
    const sample = ((bytes[index] ?? 0) << 24) | ((bytes[index - 1] ?? 0) << 16);
    sum += Math.abs(sample >> 16);
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}

interface Stretch {
  readonly start: number;
  end: number;
}

/** Always true: stretches are ordered and apart; all audio before `#measured` was measured once. */
export class Loudness {
  readonly #stretches: Stretch[] = [];
  #measured = 0;
  #floor = HIGHEST_FLOOR;

  /** One message of audio that begins at `frame`; audio that was measured before is skipped. */
  measure(frame: number, frames: number, level: number): void {
    if (frame < this.#measured) return;
    this.#measured = frame + frames;
    this.#floor = Math.min(level, HIGHEST_FLOOR, this.#floor * RISE);
    if (level < Math.max(QUIET_LEVEL, this.#floor * ABOVE_FLOOR)) return;
    const last = this.#stretches.at(-1);
    const isFull = this.#stretches.length >= KEPT_STRETCHES;
    if (last !== undefined && (isFull || frame - last.end <= ONSET_FRAMES)) {
      last.end = frame + frames;
    } else this.#stretches.push({ start: frame, end: frame + frames });
  }

  /** Nothing before `frame` will be asked for. */
  forget(frame: number): void {
    while ((this.#stretches[0]?.end ?? Infinity) <= frame) this.#stretches.shift();
  }

  /**
   * The first position behind `fromFrame` at which something may have been said that has not been
   * heard of; Infinity = all is quiet.
   * @param saidFrame where the last word ends; audio is also done with where a gap was told, and
   *   sound that goes on behind a gap is no word's.
   * @param settledFrame the sound that goes on behind a word counts as its own before this position.
   */
  firstLoudFrame(fromFrame: number, saidFrame: number, settledFrame: number): number {
    const at = this.#stretches.findIndex((stretch) => stretch.end > fromFrame);
    const first = this.#stretches[at];
    if (first === undefined) return Infinity;
    const isTail = first.start < saidFrame && first.end <= saidFrame + TAIL_FRAMES;
    if (!isTail || first.end > settledFrame) return first.start - ONSET_FRAMES;
    const next = this.#stretches[at + 1];
    return next === undefined ? Infinity : next.start - ONSET_FRAMES;
  }
}
