/**
 * Times that captions can stand on. Recognizers return words with no times, all with the same one,
 * with ends before starts, out of order, or far outside their segment (PROTOCOL P8–P10, U5, U14).
 * What can be believed is kept; the rest is spread over what is left and marked estimated.
 */
import { textWidth } from "./graphemes.ts";

/** Columns a second of ordinary speech; used only where nothing better is known. */
const SPOKEN_WIDTH_PER_SECOND = 15;

/** How far outside its segment a word may lie before its time is not believed. */
const OUTSIDE_SECONDS = 1;

export interface UntimedWord {
  readonly text: string;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly estimated?: boolean | undefined;
}

export interface TimedSpan {
  readonly start: number;
  readonly end: number;
  readonly estimated: boolean;
}

/** How long saying `text` takes, in seconds, when nobody measured it. */
export function spokenSeconds(text: string): number {
  return Math.max(1, textWidth(text)) / SPOKEN_WIDTH_PER_SECOND;
}

/** The bounds that words must lie in; an infinite or reversed pair is not a bound. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * One span for each word, in order: starts never fall, `end >= start`, no overlap. `span` is where
 * the words were spoken; believed times may pass it by a second. `trusted` says whether the span
 * itself was heard, so that words far outside it are wrong and not the span.
 */
export function timeWords(
  words: readonly UntimedWord[],
  span: Span,
  trusted: boolean,
): TimedSpan[] {
  const anchors = believedStarts(words, trusted ? span : undefined);
  const starts: number[] = [];
  const given: (number | undefined)[] = [];
  let index = 0;
  while (index < words.length) {
    const anchor = anchors[index];
    if (anchor !== undefined) {
      starts.push(anchor);
      given.push(believedEnd(words[index], anchor));
      index += 1;
      continue;
    }
    let stop = index;
    while (stop < words.length && anchors[stop] === undefined) stop += 1;
    const left = given.at(-1) ?? starts.at(-1) ?? span.start;
    const right = stop < words.length ? (anchors[stop] ?? left) : Math.max(span.end, left);
    const shares = words.slice(index, stop).map((word) => spokenSeconds(word.text));
    // An anchor without an end takes its part of the room after it.
    const hold =
      given.length > 0 && given.at(-1) === undefined
        ? spokenSeconds(words[index - 1]?.text ?? "")
        : 0;
    const total = shares.reduce((sum, share) => sum + share, hold);
    let at = left + ((right - left) * hold) / total;
    for (const share of shares) {
      starts.push(at);
      at += ((right - left) * share) / total;
      given.push(at);
    }
    index = stop;
  }
  return starts.map((start, position) => {
    const next = starts[position + 1] ?? Infinity;
    const own = given[position];
    const word = words[position];
    const guess = Math.min(next, start + spokenSeconds(word?.text ?? ""));
    const inside = own === undefined ? guess : Math.min(own, next);
    return {
      start,
      end: Math.max(start, inside),
      estimated: word?.estimated === true || anchors[position] === undefined || own === undefined,
    };
  });
}

/** The starts that can be believed: inside the span, not all equal, and never falling. */
function believedStarts(
  words: readonly UntimedWord[],
  span: Span | undefined,
): (number | undefined)[] {
  const starts = words.map(({ start }) => {
    if (start === undefined || !Number.isFinite(start) || start < 0) return undefined;
    if (span === undefined) return start;
    const outside = start < span.start - OUTSIDE_SECONDS || start > span.end + OUTSIDE_SECONDS;
    return outside ? undefined : start;
  });
  const known = starts.filter((start) => start !== undefined);
  if (known.length > 1 && known.every((start) => start === known[0])) {
    return starts.map(() => undefined);
  }
  return keepRising(starts);
}

function believedEnd(word: UntimedWord | undefined, start: number): number | undefined {
  const end = word?.end;
  return end !== undefined && Number.isFinite(end) && end > start ? end : undefined;
}

/** The longest run of starts that never falls; the others become `undefined`. O(n log n). */
function keepRising(starts: readonly (number | undefined)[]): (number | undefined)[] {
  const tails: number[] = [];
  const before: (number | undefined)[] = [];
  starts.forEach((start, index) => {
    if (start === undefined) return;
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[tails[middle] ?? 0] ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? tails[low - 1] : undefined;
    tails[low] = index;
  });
  const kept: (number | undefined)[] = starts.map(() => undefined);
  for (let at = tails.at(-1); at !== undefined; at = before[at]) kept[at] = starts[at];
  return kept;
}
