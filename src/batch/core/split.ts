/**
 * Where a recording that is too large is cut: at the quietest moment near the end of what a part
 * may hold. Neighboring parts overlap, so that a word at the cut is whole in both.
 *
 * Invariants: parts follow each other without a hole; none is longer than `maxFrames`; every cut
 * lies in the middle of its overlap.
 */

/** Positions are frames since the recording began. */
export interface Part {
  /** First frame, overlap included. */
  readonly fromFrame: number;
  /** Behind the last frame, overlap included. */
  readonly toFrame: number;
  /** Where this part begins to count; 0 for the first. */
  readonly cutFrame: number;
}

export interface SplitOptions {
  /** Frames of one part, overlaps included. */
  readonly maxFrames: number;
  /** Frames on each side of a cut. */
  readonly overlapFrames: number;
  /** Frames of one level. */
  readonly levelFrames: number;
}

/** A cut is looked for in this share of a part, from its end. */
const SEARCHED_SHARE = 0.25;
/** A pause is judged by this many levels around its middle. */
const PAUSE_LEVELS = 7;

/**
 * @param levels loudness of each `levelFrames` frames, any unit.
 * @throws RangeError when a part would hold nothing but overlap.
 */
export function splitAtPauses(
  levels: ArrayLike<number>,
  totalFrames: number,
  options: SplitOptions,
): Part[] {
  const { maxFrames, overlapFrames, levelFrames } = options;
  if (maxFrames < overlapFrames * 4 || maxFrames < levelFrames * 8) {
    throw new RangeError(
      `Cannot split: maxFrames must be at least ${Math.max(overlapFrames * 4, levelFrames * 8)}, got ${maxFrames}`,
    );
  }
  const parts: Part[] = [];
  let cutFrame = 0;
  for (;;) {
    const fromFrame = Math.max(0, cutFrame - overlapFrames);
    if (totalFrames - fromFrame <= maxFrames) {
      parts.push({ fromFrame, toFrame: totalFrames, cutFrame });
      return parts;
    }
    const latest = fromFrame + maxFrames - overlapFrames;
    const earliest = Math.max(cutFrame + overlapFrames, latest - maxFrames * SEARCHED_SHARE);
    const next = quietestFrame(levels, earliest, latest, levelFrames);
    parts.push({ fromFrame, toFrame: next + overlapFrames, cutFrame });
    cutFrame = next;
  }
}

/** The middle of the quietest stretch; of equal ones the latest, so that parts are few. */
function quietestFrame(
  levels: ArrayLike<number>,
  fromFrame: number,
  toFrame: number,
  levelFrames: number,
): number {
  const first = Math.ceil(fromFrame / levelFrames);
  const last = Math.max(first, Math.floor(toFrame / levelFrames) - 1);
  let best = last;
  let least = Number.POSITIVE_INFINITY;
  for (let at = first; at <= last; at += 1) {
    let sum = 0;
    for (let near = -PAUSE_LEVELS; near <= PAUSE_LEVELS; near += 1) sum += levels[at + near] ?? 0;
    if (sum <= least) {
      least = sum;
      best = at;
    }
  }
  const middle = best * levelFrames + Math.floor(levelFrames / 2);
  return Math.min(Math.max(Math.ceil(fromFrame), middle), Math.floor(toFrame));
}
