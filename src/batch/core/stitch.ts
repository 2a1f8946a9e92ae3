/**
 * The transcripts of overlapping parts as one, on one timeline. Both neighbors heard the overlap,
 * one of them perhaps only the half of a word at its very edge. So the seam is the word nearest to
 * the cut that both heard, by text and by time; text alone would eat words in repetitive speech,
 * time alone would double or halve the word at the cut.
 */
import { joinTexts, type Segment, type Word } from "../../transcript.ts";

/** One part's transcript, times counted from the part's first sample. */
export interface PartTranscript {
  readonly segments: readonly Segment[];
  /** Where the part begins in the recording, overlap included. */
  readonly startSeconds: number;
  /** Where it ends, overlap included. */
  readonly endSeconds: number;
  /** Where it begins to count; 0 for the first. */
  readonly cutSeconds: number;
}

/** Two readings of one word lie this close. */
const SAME_WORD_SECONDS = 0.75;

/**
 * Joins any number of parts in order. Segment ids become `part:id` and speakers `part:speaker`,
 * counted from 1: nothing tells that the same number is the same voice in two parts (P4).
 */
export function stitch(parts: readonly PartTranscript[]): Segment[] {
  const placed = parts.map((part, index) => placeOnTimeline(part, index, parts.length));
  const kept: Segment[] = [];
  for (const [index, segments] of placed.entries()) {
    const before = seamBetween(placed[index - 1], segments, parts[index - 1], parts[index]);
    const behind = seamBetween(segments, placed[index + 1], parts[index], parts[index + 1]);
    for (const segment of segments) {
      const rest = keepWithin(segment, before?.right, behind?.left);
      if (rest !== undefined) kept.push(rest);
    }
  }
  return kept;
}

function placeOnTimeline(part: PartTranscript, index: number, count: number): Segment[] {
  const shift = (time: number | undefined): number | undefined =>
    time === undefined ? undefined : time + part.startSeconds;
  const label = (name: string | undefined): string | undefined =>
    name === undefined || count === 1 ? name : `${index + 1}:${name}`;
  return part.segments.map((segment) => ({
    ...segment,
    id: count === 1 ? segment.id : `${index + 1}:${segment.id}`,
    start: shift(segment.start),
    end: shift(segment.end),
    speaker: label(segment.speaker),
    words: segment.words.map((word) => ({
      ...word,
      start: shift(word.start),
      end: shift(word.end),
      speaker: label(word.speaker),
    })),
  }));
}

/** Middles up to `left` are the left part's, from `right` on the right part's. */
interface Seam {
  readonly left: number;
  readonly right: number;
}

function seamBetween(
  left: readonly Segment[] | undefined,
  right: readonly Segment[] | undefined,
  leftPart: PartTranscript | undefined,
  rightPart: PartTranscript | undefined,
): Seam | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (leftPart === undefined || rightPart === undefined) return undefined;
  const from = rightPart.startSeconds;
  const to = leftPart.endSeconds;
  const cut = rightPart.cutSeconds;
  const one = timedWords(left, from, to);
  const other = timedWords(right, from, to);
  const pairs = alignWords(one, other);
  const nearest = pairs.toSorted((a, b) => Math.abs(a.middle - cut) - Math.abs(b.middle - cut))[0];
  if (nearest === undefined) return { left: cut, right: cut };
  // The shared word is the left part's; the right part goes on behind its own reading of it.
  return { left: nearest.leftMiddle, right: nearest.rightMiddle + EPSILON };
}

const EPSILON = 1e-6;

interface TimedWord {
  readonly token: string;
  readonly middle: number;
}

/** Words in the overlap that have both a time and letters. */
function timedWords(segments: readonly Segment[], from: number, to: number): TimedWord[] {
  const words: TimedWord[] = [];
  for (const segment of segments) {
    if ((segment.end ?? to) < from || (segment.start ?? from) > to) continue;
    for (const word of segment.words) {
      const middle = middleOf(word);
      if (middle === undefined || middle < from || middle > to) continue;
      const token = word.text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
      if (token !== "") words.push({ token, middle });
    }
  }
  return words;
}

interface Pair {
  readonly leftMiddle: number;
  readonly rightMiddle: number;
  readonly middle: number;
}

/**
 * The alignment with the most pairs of equal text at about the same time and, among those, the
 * least total distance: so that "no no no" is matched word for word.
 */
function alignWords(left: readonly TimedWord[], right: readonly TimedWord[]): Pair[] {
  const width = right.length + 1;
  const score = new Float64Array((left.length + 1) * width);
  for (let row = left.length - 1; row >= 0; row -= 1) {
    for (let column = right.length - 1; column >= 0; column -= 1) {
      const at = row * width + column;
      const skip = Math.max(score[at + width] ?? 0, score[at + 1] ?? 0);
      const gain = pairGain(left[row], right[column]);
      score[at] = gain > 0 ? Math.max(skip, gain + (score[at + width + 1] ?? 0)) : skip;
    }
  }
  const pairs: Pair[] = [];
  for (let row = 0, column = 0; row < left.length && column < right.length;) {
    const at = row * width + column;
    const one = left[row];
    const other = right[column];
    const gain = pairGain(one, other);
    if (gain > 0 && score[at] === gain + (score[at + width + 1] ?? 0) && one && other) {
      const middle = (one.middle + other.middle) / 2;
      pairs.push({ leftMiddle: one.middle, rightMiddle: other.middle, middle });
      row += 1;
      column += 1;
    } else if (score[at] === score[at + width]) row += 1;
    else column += 1;
  }
  return pairs;
}

/** More than 0 for two readings of one word; the closer the more, yet never as much as a second pair. */
function pairGain(one: TimedWord | undefined, other: TimedWord | undefined): number {
  if (one === undefined || other === undefined || one.token !== other.token) return 0;
  const distance = Math.abs(one.middle - other.middle);
  return distance > SAME_WORD_SECONDS ? 0 : 1 - (distance / SAME_WORD_SECONDS) * 0.01;
}

/** The part of a segment between two seams; words without times go with their segment's middle. */
function keepWithin(
  segment: Segment,
  from: number | undefined,
  to: number | undefined,
): Segment | undefined {
  const inside = (middle: number | undefined): boolean =>
    middle === undefined ||
    ((from === undefined || middle >= from) && (to === undefined || middle <= to));
  if (segment.words.length === 0 || segment.words.some((word) => middleOf(word) === undefined)) {
    return inside(middleOf(segment)) ? segment : undefined;
  }
  const words = segment.words.filter((word) => inside(middleOf(word)));
  if (words.length === segment.words.length) return segment;
  if (words.length === 0) return undefined;
  return {
    ...segment,
    text: joinTexts(
      words.map((word) => word.text),
      segment.language,
    ),
    start: words[0]?.start,
    end: words.at(-1)?.end,
    words,
  };
}

function middleOf(span: Pick<Word, "start" | "end">): number | undefined {
  return span.start === undefined ? undefined : (span.start + (span.end ?? span.start)) / 2;
}
