/**
 * The text of one connection: its segments by id (PROTOCOL §4.5, §4.6). A message replaces what it
 * lists and removes what it retracts; words are taken out in order, each once, when they are final.
 */
import { framesOf } from "./frames.ts";
import type { HeardSegment, HeardWord, SegmentKey } from "./heard.ts";
import { comparable } from "./reconcile.ts";

/** Always true: `taken <= words.length`; the first `taken` words have left and do not change. */
export interface SegmentEntry {
  readonly key: SegmentKey;
  /** Position among the segments. */
  readonly order: number;
  words: readonly HeardWord[];
  taken: number;
  /** The interim text that the caller last saw. */
  shown: string;
  /** The words that it was made of, those that had left by then included. */
  shownWords: readonly HeardWord[];
  shownTaken: number;
}

/** Words that left a segment together. */
export interface TakenWords {
  readonly entry: SegmentEntry;
  readonly words: readonly HeardWord[];
}

/**
 * Complete segments are remembered with their words, to recognize growth (W17): those of so long
 * before the newest word, and all that have no times …
 */
const KEPT_FRAMES = framesOf(20);
/** … but so many at least, and at most. */
const LEAST_KEPT = 2;
const MOST_KEPT = 64;
/** A word that is listed again may have moved so far. */
const MOVED_FRAMES = framesOf(0.05);

/**
 * Always true: `entries` is sorted by `order`; all entries before `head` are complete, and the caller
 * was shown those before `settled` as such.
 */
export class SegmentTable {
  readonly #entries: SegmentEntry[] = [];
  readonly #orders = new Map<string, number>();
  #head = 0;
  #settled = 0;
  /** Segments up to here were complete and are forgotten: a full-state message may list them for ever (W11). */
  #forgotten = Number.NEGATIVE_INFINITY;
  #lastOrder = -1;
  /** Where the last word ends that has left. */
  #leftFrame = 0;
  #isAstray = false;

  /** The segments in order, those that are complete and forgotten left out. */
  get entries(): readonly SegmentEntry[] {
    return this.#entries;
  }

  /** The words of a segment; `undefined` when there is none, or it is forgotten. */
  wordsOf(key: SegmentKey): readonly HeardWord[] | undefined {
    const order = typeof key === "number" ? key : this.#orders.get(key);
    for (let index = this.#entries.length - 1; index >= 0; index -= 1) {
      const entry = this.#entries[index];
      if (entry === undefined || order === undefined || entry.order < order) return undefined;
      if (entry.order === order) return entry.words;
    }
    return undefined;
  }

  /**
   * Takes in one message (§4.6.2, §4.6.3).
   * @returns whether words that had left were listed differently: a correction that comes too late.
   */
  apply(segments: readonly HeardSegment[]): boolean {
    if (segments.length === 0) return false;
    let corrected = false;
    let largest = Number.NEGATIVE_INFINITY;
    for (const segment of segments) {
      const order = this.#orderOf(segment.key);
      if (order > largest) largest = order;
      if (order <= this.#forgotten) this.#notice(segment);
      else if (this.#merge(order, segment)) corrected = true;
    }
    this.#retractAbove(largest);
    return corrected;
  }

  /**
   * Whether new words came since this was asked last under an id that is complete and forgotten: ids
   * that begin again within a connection look like a server that lists all from the beginning (U1, §4.6.5).
   */
  takeAstray(): boolean {
    const isAstray = this.#isAstray;
    this.#isAstray = false;
    return isAstray;
  }

  #notice({ words }: HeardSegment): void {
    const startFrame = words.at(-1)?.startFrame;
    if (startFrame !== undefined && startFrame >= this.#leftFrame) this.#isAstray = true;
  }

  /**
   * Final words that have not left, in order. A segment waits for those before it to be complete,
   * unless they are older than `staleFrame`: then their words count as final (finals may never
   * come, W18).
   */
  takeFinals(staleFrame = Number.NEGATIVE_INFINITY): TakenWords[] {
    const taken: TakenWords[] = [];
    const before = this.#head;
    for (let index = before; index < this.#entries.length; index += 1) {
      const entry = this.#entries[index];
      if (entry === undefined) break;
      const last = entry.words.at(-1);
      const isOld = index < this.#entries.length - 1 && (last?.endFrame ?? Infinity) < staleFrame;
      const to = isOld ? entry.words.length : finalPrefix(entry);
      if (to > entry.taken) taken.push(take(entry, to));
      if (to < entry.words.length) break;
      this.#head = index + 1;
    }
    const last = taken.at(-1)?.words.at(-1)?.endFrame;
    if (last !== undefined) this.#leftFrame = Math.max(this.#leftFrame, last);
    // The last segment may be forgotten only when a later one exists: it is the one that grows.
    this.#head = Math.min(this.#head, Math.max(0, this.#entries.length - 1));
    if (this.#head !== before) this.#forget();
    return taken;
  }

  /** Everything that is left up to `untilFrame`, final or not; words without times count as early. */
  takeAll(untilFrame = Number.POSITIVE_INFINITY): TakenWords[] {
    const taken: TakenWords[] = [];
    for (const entry of this.#entries) {
      let to = entry.taken;
      while (to < entry.words.length && (entry.words[to]?.endFrame ?? 0) <= untilFrame) to += 1;
      if (to > entry.taken) taken.push(take(entry, to));
      if (to < entry.words.length) break;
    }
    return taken;
  }

  /** All entries but those that were complete when this was asked last, and still are. */
  takeUnsettled(): SegmentEntry[] {
    const from = Math.min(this.#settled, this.#head);
    this.#settled = this.#head;
    return this.#entries.slice(from);
  }

  /** The first word that has not left; `undefined` when all have. */
  firstUntaken(): HeardWord | undefined {
    for (let index = this.#head; index < this.#entries.length; index += 1) {
      const entry = this.#entries[index];
      if (entry !== undefined && entry.taken < entry.words.length) return entry.words[entry.taken];
    }
    return undefined;
  }

  #orderOf(key: SegmentKey): number {
    if (typeof key === "number") {
      if (key > this.#lastOrder) this.#lastOrder = key;
      return key;
    }
    const known = this.#orders.get(key);
    if (known !== undefined) return known;
    this.#lastOrder += 1;
    this.#orders.set(key, this.#lastOrder);
    return this.#lastOrder;
  }

  #merge(order: number, segment: HeardSegment): boolean {
    let index = this.#entries.length;
    while (index > 0 && (this.#entries[index - 1]?.order ?? 0) > order) index -= 1;
    const entry = this.#entries[index - 1];
    if (entry === undefined || entry.order !== order) {
      const words = this.#notLeftElsewhere(index - 1, index, segment.words);
      this.#entries.splice(index, 0, entryOf(segment.key, order, words));
      this.#head = Math.min(this.#head, index);
      return false;
    }
    if (entry.words === segment.words) return false;
    const words = this.#notLeftElsewhere(index - 2, index, segment.words);
    if (entry.taken === 0) {
      entry.words = words;
      this.#head = Math.min(this.#head, index - 1);
      return false;
    }
    const merged = mergeTaken(entry, words);
    if (merged.words.length > entry.words.length) this.#head = Math.min(this.#head, index - 1);
    entry.words = merged.words;
    return merged.corrected;
  }

  /**
   * Where segments were fused or parted, words are listed that have left under another id (W14).
   *
   * @param before the segment in front; all from `behind` on lie behind.
   */
  #notLeftElsewhere(
    before: number,
    behind: number,
    words: readonly HeardWord[],
  ): readonly HeardWord[] {
    const left = this.#entries.slice(behind).flatMap(leftOf);
    const previous = this.#entries[before];
    const leftEnd = previous?.words[previous.taken - 1]?.endFrame ?? 0;
    if (previous !== undefined && words.some((word) => (word.startFrame ?? leftEnd) < leftEnd)) {
      left.push(...leftOf(previous));
    }
    if (left.length === 0) return words;
    return words.filter((word) => {
      return word.startFrame === undefined || !left.some((one) => isAlike(one, word));
    });
  }

  /** Words that have left stay; everything else above the newest message's largest id goes (P2, W14). */
  #retractAbove(largest: number): void {
    for (let index = this.#entries.length - 1; index >= 0; index -= 1) {
      const entry = this.#entries[index];
      if (entry === undefined || entry.order <= largest) return;
      if (entry.words.length > entry.taken) entry.words = entry.words.slice(0, entry.taken);
    }
  }

  #forget(): void {
    const newestFrame = this.#entries.at(-1)?.words.at(-1)?.endFrame ?? 0;
    while (this.#head > LEAST_KEPT) {
      const endFrame = this.#entries[0]?.words.at(-1)?.endFrame ?? Infinity;
      if (this.#head <= MOST_KEPT && endFrame >= newestFrame - KEPT_FRAMES) return;
      this.#head -= 1;
      this.#settled = Math.max(0, this.#settled - 1);
      const entry = this.#entries.shift();
      if (entry !== undefined) this.#forgotten = Math.max(this.#forgotten, entry.order);
    }
  }
}

function entryOf(key: SegmentKey, order: number, words: readonly HeardWord[]): SegmentEntry {
  return { key, order, words, taken: 0, shown: "", shownWords: [], shownTaken: 0 };
}

function leftOf({ words, taken }: SegmentEntry): readonly HeardWord[] {
  return words.slice(0, taken);
}

function take(entry: SegmentEntry, to: number): TakenWords {
  const words = entry.words.slice(entry.taken, to);
  entry.taken = to;
  return { entry, words };
}

/** Only a prefix can be final: a final word behind a provisional one would leave out of order (U4). */
function finalPrefix(entry: SegmentEntry): number {
  let count = entry.taken;
  while (entry.words[count]?.final === true) count += 1;
  return count;
}

/**
 * A segment some of whose words have left, listed again. The same words and more: growth
 * (§4.5.8). Different words: those that left stay, what lies behind them in time is growth.
 */
function mergeTaken(
  entry: SegmentEntry,
  words: readonly HeardWord[],
): { readonly words: readonly HeardWord[]; readonly corrected: boolean } {
  let same = 0;
  while (same < entry.taken && isSame(entry.words[same], words[same])) same += 1;
  if (same === entry.taken) return { words, corrected: false };
  const left = entry.words.slice(0, entry.taken);
  const leftEnd = left.at(-1)?.endFrame;
  const growth =
    leftEnd === undefined
      ? words.slice(entry.taken)
      : words.filter((word) => middle(word) !== undefined && (middle(word) ?? 0) >= leftEnd);
  return { words: [...left, ...growth], corrected: true };
}

/** The same text at the same time: the text alone may be the next of several like it. */
function isSame(a: HeardWord | undefined, b: HeardWord | undefined): boolean {
  return a !== undefined && b !== undefined && a.text === b.text && isThen(a, b);
}

/** The same word, which another segment may begin with another letter or end with another mark. */
function isAlike(a: HeardWord, b: HeardWord): boolean {
  return isThen(a, b) && comparable(a.text) === comparable(b.text);
}

function isThen(a: HeardWord, b: HeardWord): boolean {
  if (a.startFrame === b.startFrame) return true;
  const [at, other] = [middle(a), middle(b)];
  return at !== undefined && other !== undefined && Math.abs(at - other) <= MOVED_FRAMES;
}

function middle(word: HeardWord): number | undefined {
  if (word.startFrame === undefined || word.endFrame === undefined) return undefined;
  return (word.startFrame + word.endFrame) / 2;
}
