/**
 * The seam between two connections. The new one hears a little of the old one's audio again; which
 * of its first words are repeats? Time and text together decide (an alignment of the last words
 * said with the first words heard): text alone eats words of repetitive speech ("no no no", card
 * numbers), time alone doubles or halves words at the cut.
 */
import { framesOf } from "./frames.ts";
import type { SpokenWord } from "./timeline.ts";

/** Two recognitions of one word may place its middle this far apart. */
const REACH_FRAMES = framesOf(0.4);
/** A word whose middle lies this little before the last word said may still be new. */
const TOLERANCE_FRAMES = framesOf(0.08);
/** Words further behind the last word said than this cannot be repeats. */
export const SEAM_AHEAD_FRAMES = framesOf(1.5);

/** A word said, and whether the new connection hears only its end. */
export interface TailWord extends SpokenWord {
  readonly isCut: boolean;
}

/**
 * The words said that a connection which begins at `originFrame` hears again, oldest first. Of one
 * that began before, only what is heard: it may come back as something else, or not at all, and must
 * not be mistaken for the next word that sounds like it.
 */
export function heardAgain(said: readonly SpokenWord[], originFrame: number): TailWord[] {
  return said
    .map((word) => {
      const isCut = word.startFrame !== undefined && word.startFrame < originFrame;
      const startFrame = isCut ? originFrame : word.startFrame;
      return { text: word.text, startFrame, endFrame: word.endFrame, isCut };
    })
    .filter(({ endFrame = Infinity, isCut }) => {
      return endFrame > originFrame + (isCut ? TOLERANCE_FRAMES : 0);
    });
}

/**
 * How many leading words of `head` were said before.
 *
 * @param tail from `heardAgain`.
 * @param head the new connection's first words; session frames.
 * @param saidFrame where the last word said ends; a word whose middle lies before it and that aligns
 *   with nothing is a repeat that was worded differently. Only words count: audio that was
 *   acknowledged without words may still bring some.
 */
export function countRepeats(
  tail: readonly TailWord[],
  head: readonly SpokenWord[],
  saidFrame: number,
): number {
  if (head.some((word) => middleOf(word) === undefined)) return countByText(tail, head);
  const near = head.filter((word) => (middleOf(word) ?? 0) < saidFrame + SEAM_AHEAD_FRAMES);
  const timedTail = tail.filter((word) => middleOf(word) !== undefined);
  const [lastTail, lastHead] = align(timedTail, near);
  const slack = lastTail === timedTail.length - 1 && lastTail >= 0 ? TOLERANCE_FRAMES : 0;
  let count = lastHead + 1;
  while (count < near.length && (middleOf(near[count]) ?? 0) < saidFrame - slack) count += 1;
  return count;
}

/** The last pair of the best monotone alignment, as indices; `[-1, -1]` when nothing aligns. */
function align(tail: readonly TailWord[], head: readonly SpokenWord[]): [number, number] {
  const columns = head.length + 1;
  const best = new Float64Array((tail.length + 1) * columns);
  for (let t = 1; t <= tail.length; t += 1) {
    for (let h = 1; h <= head.length; h += 1) {
      const paired = (best[(t - 1) * columns + h - 1] ?? 0) + likeness(tail[t - 1], head[h - 1]);
      const skipped = Math.max(best[(t - 1) * columns + h] ?? 0, best[t * columns + h - 1] ?? 0);
      best[t * columns + h] = Math.max(paired, skipped);
    }
  }
  let t = tail.length;
  let h = head.length;
  while (t > 0 && h > 0) {
    const here = best[t * columns + h] ?? 0;
    if (here === (best[t * columns + h - 1] ?? 0)) h -= 1;
    else if (here === (best[(t - 1) * columns + h] ?? 0)) t -= 1;
    else return [t - 1, h - 1];
  }
  return [-1, -1];
}

/**
 * 0 = cannot be the same word; 2 = the same text at the same time. Two pairs of like texts that are
 * far apart must not weigh more than one pair that is not: "no no" cut in the first is one.
 */
function likeness(a: TailWord | undefined, b: SpokenWord | undefined): number {
  const [middleA, middleB] = [middleOf(a), middleOf(b)];
  if (a === undefined || b === undefined || middleA === undefined || middleB === undefined)
    return 0;
  const distance = Math.abs(middleA - middleB) / REACH_FRAMES;
  if (distance >= 1) return 0;
  const nearness = (1 - distance) ** 2;
  if (!a.isCut && comparable(a.text) === comparable(b.text)) return 2 * nearness;
  return overlap(a, b) >= 0.5 ? 1.5 * nearness : 0;
}

/** Shared time as a part of the shorter word. */
function overlap(a: SpokenWord, b: SpokenWord): number {
  const [a0, a1, b0, b1] = [a.startFrame ?? 0, a.endFrame ?? 0, b.startFrame ?? 0, b.endFrame ?? 0];
  const shorter = Math.max(1, Math.min(a1 - a0, b1 - b0));
  return Math.max(0, Math.min(a1, b1) - Math.max(a0, b0)) / shorter;
}

/** Without times only text is left: the longest end of the tail that the head begins with. */
function countByText(tail: readonly SpokenWord[], head: readonly SpokenWord[]): number {
  for (let count = Math.min(tail.length, head.length); count > 0; count -= 1) {
    const from = tail.length - count;
    let same = 0;
    while (same < count && sameText(tail[from + same], head[same])) same += 1;
    if (same === count) return count;
  }
  return 0;
}

function sameText(a: SpokenWord | undefined, b: SpokenWord | undefined): boolean {
  return a !== undefined && b !== undefined && comparable(a.text) === comparable(b.text);
}

/** A word's text without what differs between two hearings of it: letter case and punctuation. */
export function comparable(text: string): string {
  const bare = text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  return bare === "" ? text : bare;
}

function middleOf(word: SpokenWord | undefined): number | undefined {
  if (word?.startFrame === undefined || word.endFrame === undefined) return undefined;
  return (word.startFrame + word.endFrame) / 2;
}
