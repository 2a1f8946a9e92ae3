/**
 * Where cues and lines break, as one shortest path: every way of cutting a stretch of speech into
 * cues, and every cue into lines, has a price, and the cheapest wins. Prices are in units of “a
 * break where nothing is known costs 0.6” ({@link breakCost}). O(n · w · l · w) for n words, w words
 * to a cue, and l lines; w is bounded by the width of a cue.
 */
import type { CaptionLimits } from "./presets.ts";
import { textWidth } from "./graphemes.ts";
import type { Piece, Seam } from "./seams.ts";

/** Each cue costs this, so that there are not more than needed. */
const CUE = 4;
/** Going on behind the end of a sentence; dearer than a new cue, cheaper than one nobody can read. */
const SENTENCE_INSIDE = 5;
/** Each line after the first: what fits on one line stays there. */
const EXTRA_LINE = 2;
/** Lines of unequal length. */
const RAGGED = 0.6;
/** Breaking a cue weighs more than breaking a line. */
const CUE_SEAM = 3;
const TOO_SHORT = 4;
const TOO_FAST = 3;
/** A cue of a few words that is no sentence of its own. */
const FRAGMENT = 3;
/** A silence inside a cue, for each second. */
const SILENCE = 1;

/** Tokens `from` to `to` (exclusive); each entry of `lines` is the first token of a line. */
export interface CueRange {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly number[];
}

export interface LayoutInput {
  readonly pieces: readonly Piece[];
  readonly seams: readonly Seam[];
  readonly limits: CaptionLimits;
  /** Columns taken by a speaker label at the start of the stretch. */
  readonly labelWidth: number;
  /** When the speech behind the stretch begins, in seconds; `Infinity` when nothing follows. */
  readonly nextStart: number;
}

interface Choice {
  readonly cost: number;
  readonly from: number;
  readonly lines: readonly number[];
}

/** Cuts a stretch without forced breaks into cues. */
export function layOut(input: LayoutInput): CueRange[] {
  const { pieces } = input;
  const best: (Choice | undefined)[] = [{ cost: 0, from: 0, lines: [] }];
  for (let from = 0; from < pieces.length; from += 1) {
    const reached = best[from];
    if (reached === undefined) continue;
    for (const { to, cost, lines } of cuesFrom(from, input)) {
      const total = reached.cost + cost;
      const known = best[to];
      if (known === undefined || total < known.cost) best[to] = { cost: total, from, lines };
    }
  }
  const ranges: CueRange[] = [];
  for (let to = pieces.length; to > 0;) {
    const choice = best[to];
    if (choice === undefined) break;
    ranges.push({ from: choice.from, to, lines: choice.lines });
    to = choice.from;
  }
  return ranges.toReversed();
}

interface Candidate {
  readonly to: number;
  readonly cost: number;
  readonly lines: readonly number[];
}

interface LineChoice {
  readonly cost: number;
  readonly lines: readonly number[];
}

/** Every cue that can begin with token `from`, with its best lines and its price. */
function* cuesFrom(from: number, input: LayoutInput): Generator<Candidate> {
  const { pieces, seams, limits, labelWidth } = input;
  const indent = from === 0 ? labelWidth : 0;
  const widths = measure(pieces, from, limits, indent);
  // rows[l][n]: the best way to set the first n tokens in l + 1 lines.
  const rows: (LineChoice | undefined)[][] = Array.from(
    { length: Math.min(limits.maxLineCount, widths.length) },
    () => [],
  );
  let inside = 0;
  for (let count = 1; count <= widths.length; count += 1) {
    const last = pieces[from + count - 1];
    const first = pieces[from];
    if (last === undefined || first === undefined) return;
    if (count > 1) {
      if (last.end - first.start > limits.maxDurationSeconds) return;
      if (seams[from + count - 1]?.sentenceEnd === true) inside += SENTENCE_INSIDE;
      inside += SILENCE * Math.max(0, last.start - (pieces[from + count - 2]?.end ?? 0));
    }
    let set: LineChoice | undefined;
    rows.forEach((row, index) => {
      row[count] = setLines(from, count, rows[index - 1], widths, input);
      const choice = row[count];
      if (choice !== undefined && (set === undefined || choice.cost < set.cost)) set = choice;
    });
    if (set === undefined) return;
    const to = from + count;
    const seam = to < pieces.length ? (seams[to]?.cost ?? 0) * CUE_SEAM : 0;
    const width = widths[count - 1] ?? 0;
    const price = haste(from, to, width, input) + fragment(from, to, width, input);
    yield { to, cost: CUE + set.cost + inside + seam + price, lines: set.lines };
  }
}

/** widths[n - 1]: columns of the first n tokens on one line; ends where no cue could hold them. */
function measure(
  pieces: readonly Piece[],
  from: number,
  limits: CaptionLimits,
  indent: number,
): number[] {
  const widths: number[] = [];
  const most = limits.maxLineWidth * limits.maxLineCount + limits.maxLineCount + indent;
  let width = indent;
  for (let index = from; index < pieces.length; index += 1) {
    const piece = pieces[index];
    if (piece === undefined) break;
    width += (index > from && piece.spaceBefore ? 1 : 0) + textWidth(piece.text);
    if (index > from && width > most) break;
    widths.push(width);
  }
  return widths;
}

/** The cheapest way to put `count` tokens on one line more than `above` has. */
function setLines(
  from: number,
  count: number,
  above: readonly (LineChoice | undefined)[] | undefined,
  widths: readonly number[],
  { pieces, seams, limits }: LayoutInput,
): LineChoice | undefined {
  const whole = widths[count - 1] ?? 0;
  if (above === undefined) {
    if ((whole > limits.maxLineWidth && count > 1) || count > limits.maxWordsPerLine)
      return undefined;
    return { cost: ragged(whole, limits), lines: [from] };
  }
  let best: LineChoice | undefined;
  for (let split = count - 1; split > 0; split -= 1) {
    const lead = pieces[from + split]?.spaceBefore === true ? 1 : 0;
    const width = whole - (widths[split - 1] ?? 0) - lead;
    if (width > limits.maxLineWidth || count - split > limits.maxWordsPerLine) break;
    const upper = above[split];
    if (upper === undefined) continue;
    const cost = upper.cost + EXTRA_LINE + (seams[from + split]?.cost ?? 0) + ragged(width, limits);
    if (best === undefined || cost < best.cost)
      best = { cost, lines: [...upper.lines, from + split] };
  }
  return best;
}

/** The price of tearing a few words off their sentence. */
function fragment(
  from: number,
  to: number,
  width: number,
  { pieces, seams, limits }: LayoutInput,
): number {
  const opens = from === 0 || seams[from]?.sentenceEnd === true;
  const closes = to === pieces.length || seams[to]?.sentenceEnd === true;
  if (opens && closes) return 0;
  return FRAGMENT * Math.max(0, 1 - width / Math.min(limits.maxLineWidth, 100));
}

function ragged(width: number, limits: CaptionLimits): number {
  return RAGGED * (width / Math.min(limits.maxLineWidth, 100)) ** 2;
}

/** The price of a cue that cannot stay long enough to be read. */
function haste(
  from: number,
  to: number,
  width: number,
  { pieces, limits, nextStart }: LayoutInput,
): number {
  const start = pieces[from]?.start ?? 0;
  const next = pieces[to]?.start ?? nextStart;
  const room = Math.max(0, Math.min(next - start - limits.gapSeconds, limits.maxDurationSeconds));
  const least = leastSeconds(to - from, limits);
  const reading = readingSeconds(width, to - from, limits);
  const short = least > room ? (TOO_SHORT * (least - room)) / least : 0;
  const fast = reading > room ? (TOO_FAST * (reading - room)) / reading : 0;
  return short + fast;
}

/** The shortest time a cue of so many words may stay. */
export function leastSeconds(wordCount: number, limits: CaptionLimits): number {
  return Math.max(limits.minDurationSeconds, limits.minSecondsPerWord * wordCount);
}

/** How long it takes to read a cue. */
export function readingSeconds(width: number, wordCount: number, limits: CaptionLimits): number {
  return Math.max(
    width / limits.maxCharactersPerSecond,
    (wordCount * 60) / limits.maxWordsPerMinute,
  );
}
