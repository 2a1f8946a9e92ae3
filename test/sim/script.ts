/**
 * What a writer does with its audio: it writes it, and here and there time passes without any. The
 * holes lie at the beginnings of words, so that no word is cut by one.
 */
import type { Random } from "./random.ts";
import type { Source, SpokenTruth } from "./source.ts";

export interface Hole {
  /** Frame of the source before which it lies. */
  readonly at: number;
  readonly frames: number;
  /** Makes it a gap. */
  readonly reason: string | undefined;
}

/** Time without audio is sent as silence of no more than this. */
const SENT_FRAMES = 16_000;

export type Step =
  | { readonly kind: "audio"; readonly from: number; readonly to: number }
  | ({ readonly kind: "skip" } & Hole);

export class Script {
  readonly source: Source;
  readonly holes: readonly Hole[];
  /** The words where the caller's clock has them. */
  readonly words: readonly SpokenTruth[];

  constructor(source: Source, holes: readonly Hole[]) {
    this.source = source;
    this.holes = holes;
    this.words =
      holes.length === 0
        ? source.words
        : source.words.map(({ text, start, end }) => ({
            text,
            start: start + this.#before(start, true),
            end: end + this.#before(end, false),
          }));
  }

  /** Length on the caller's clock. */
  get frames(): number {
    return this.source.frames + this.#before(Infinity, true);
  }

  /** What comes behind `wireFrame` frames of what was taken, audio in pieces of `bytes`. */
  next(wireByte: number, bytes: number): Step | undefined {
    let wire = 0;
    let from = 0;
    for (const hole of [...this.holes, undefined]) {
      const to = hole?.at ?? this.source.frames;
      const at = from * 2 + wireByte - wire;
      if (at < to * 2) return { kind: "audio", from: at, to: Math.min(to * 2, at + bytes) };
      wire += (to - from) * 2;
      from = to;
      if (hole === undefined) return undefined;
      const sent = Math.min(SENT_FRAMES, hole.frames) * 2;
      if (wireByte < wire + sent) {
        // A process died in the middle of a short one: the rest of it.
        return { kind: "skip", ...hole, frames: hole.frames - (wireByte - wire) / 2 };
      }
      wire += sent;
    }
    return undefined;
  }

  /** Where a byte of the source lies on the caller's clock. */
  mediaByte(sourceByte: number): number {
    return sourceByte + this.#before(sourceByte / 2, true) * 2;
  }

  /** The source frame at a time of the caller's clock; `undefined` = in a hole or next to one. */
  sourceFrame(mediaFrame: number, frames: number): number | undefined {
    let skipped = 0;
    for (const hole of this.holes) {
      const at = hole.at + skipped;
      if (mediaFrame + frames < at) break;
      if (mediaFrame <= at + hole.frames) return undefined;
      skipped += hole.frames;
    }
    return mediaFrame - skipped;
  }

  #before(frame: number, isStart: boolean): number {
    let sum = 0;
    for (const hole of this.holes) {
      if (isStart ? hole.at <= frame : hole.at < frame) sum += hole.frames;
    }
    return sum;
  }
}

/** In a third of all sessions one to three holes. */
export function randomHoles(random: Random, source: Source): Hole[] {
  if (!random.chance(0.33) || source.words.length === 0) return [];
  const count = random.integer(1, 3);
  const starts = new Set<number>();
  for (let hole = 0; hole < count; hole += 1) starts.add(random.pick(source.words).start);
  return [...starts]
    .toSorted((a, b) => a - b)
    .map((at) => ({
      at,
      frames: random.pick([800, 12_345, 16_000, 48_000, 320_001]),
      reason: random.pick([undefined, "paused"] as const),
    }));
}
