/**
 * Where cues and lines break, as one shortest path: every way of cutting a stretch of speech into
 * cues, and every cue into lines, has a price, and the cheapest wins. Prices are in units of “a
 * break where nothing is known costs 0.6” ({@link breakCost}). O(n · w · l · w) for n words, w words
 * to a cue, and l lines; w is bounded by the width of a cue.
 */
import type { CaptionLimits } from "./presets.ts";
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
/** No cue holds more tokens, however narrow. */
const MOST_TOKENS = 2000;
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
  const table = createTable(input);
  for (let from = 0; from < pieces.length; from += 1) {
    const reached = best[from];
    if (reached === undefined) continue;
    priceCues(from, input, table, (to, price, lineCount) => {
      const cost = reached.cost + price;
      const known = best[to];
      if (known !== undefined && known.cost <= cost) return;
      best[to] = { cost, from, lines: lineStarts(table, from, to - from, lineCount) };
    });
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

/**
 * The best ways to set the first n tokens of a cue in l + 1 lines, at `l * stride + n`. One table
 * serves every start of a stretch: each overwrites what it reads.
 */
interface LineTable {
  readonly stride: number;
  readonly rows: number;
  readonly costs: Float64Array;
  /** Tokens above the last line. */
  readonly splits: Int32Array;
  /** widths[n]: columns of the first n tokens on one line. */
  readonly widths: Float64Array;
}

function createTable({ pieces, limits, labelWidth }: LayoutInput): LineTable {
  // A token takes a column at least, unless it is invisible; what does not fit the table fits no cue.
  const most = limits.maxLineWidth * limits.maxLineCount + limits.maxLineCount + labelWidth;
  const stride = Math.min(pieces.length, MOST_TOKENS, Math.max(1, most)) + 1;
  const rows = Math.min(limits.maxLineCount, stride);
  const cells = rows * stride;
  return {
    stride,
    rows,
    costs: new Float64Array(cells),
    splits: new Int32Array(cells),
    widths: new Float64Array(stride),
  };
}

/** Calls `offer` for every cue that can begin with token `from`. */
function priceCues(
  from: number,
  input: LayoutInput,
  table: LineTable,
  offer: (to: number, price: number, lineCount: number) => void,
): void {
  const { pieces, seams, limits } = input;
  const start = pieces[from]?.start ?? 0;
  const reach = measure(from, input, table);
  let inside = 0;
  for (let count = 1; count <= reach; count += 1) {
    const last = from + count - 1;
    if (count > 1) {
      if ((pieces[last]?.end ?? 0) - start > limits.maxDurationSeconds) return;
      if (seams[last]?.sentenceEnd === true) inside += SENTENCE_INSIDE;
      inside += SILENCE * Math.max(0, (pieces[last]?.start ?? 0) - (pieces[last - 1]?.end ?? 0));
    }
    let set = Infinity;
    let lineCount = 0;
    for (let row = 0; row < table.rows; row += 1) {
      const cost =
        row === 0 ? setOneLine(count, input, table) : setLines(from, count, row, input, table);
      if (cost < set) {
        set = cost;
        lineCount = row + 1;
      }
    }
    if (lineCount === 0) return;
    const to = from + count;
    const seam = to < pieces.length ? (seams[to]?.cost ?? 0) * CUE_SEAM : 0;
    const width = table.widths[count] ?? 0;
    const price = haste(from, to, width, input) + fragment(from, to, width, input);
    offer(to, CUE + set + inside + seam + price, lineCount);
  }
}

/** Fills `widths`; returns how many tokens from `from` on could share a cue. */
function measure(
  from: number,
  { pieces, limits, labelWidth }: LayoutInput,
  table: LineTable,
): number {
  const indent = from === 0 ? labelWidth : 0;
  const most = limits.maxLineWidth * limits.maxLineCount + limits.maxLineCount + indent;
  const reach = Math.min(pieces.length - from, table.stride - 1);
  let width = indent;
  for (let count = 1; count <= reach; count += 1) {
    const piece = pieces[from + count - 1];
    width += (count > 1 && piece?.spaceBefore === true ? 1 : 0) + (piece?.width ?? 0);
    if (count > 1 && width > most) return count - 1;
    table.widths[count] = width;
  }
  return reach;
}

function setOneLine(count: number, { limits }: LayoutInput, { costs, widths }: LineTable): number {
  const width = widths[count] ?? 0;
  const fits = (width <= limits.maxLineWidth || count === 1) && count <= limits.maxWordsPerLine;
  const cost = fits ? ragged(width, limits) : Infinity;
  costs[count] = cost;
  return cost;
}

/** The cheapest way to put `count` tokens on `row + 1` lines. */
function setLines(
  from: number,
  count: number,
  row: number,
  { pieces, seams, limits }: LayoutInput,
  { stride, costs, splits, widths }: LineTable,
): number {
  const whole = widths[count] ?? 0;
  let best = Infinity;
  let bestSplit = 0;
  for (let split = count - 1; split > 0; split -= 1) {
    const lead = pieces[from + split]?.spaceBefore === true ? 1 : 0;
    const width = whole - (widths[split] ?? 0) - lead;
    if (width > limits.maxLineWidth || count - split > limits.maxWordsPerLine) break;
    const above = costs[(row - 1) * stride + split] ?? Infinity;
    const cost = above + EXTRA_LINE + (seams[from + split]?.cost ?? 0) + ragged(width, limits);
    if (cost < best) {
      best = cost;
      bestSplit = split;
    }
  }
  costs[row * stride + count] = best;
  splits[row * stride + count] = bestSplit;
  return best;
}

/** The first token of each line of the layout that the table holds for `count` tokens in `lineCount` lines. */
function lineStarts(table: LineTable, from: number, count: number, lineCount: number): number[] {
  const starts: number[] = [];
  let end = count;
  for (let row = lineCount - 1; row > 0; row -= 1) {
    end = table.splits[row * table.stride + end] ?? 0;
    starts.push(from + end);
  }
  return [from, ...starts.toReversed()];
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
