/**
 * One connection's text on the session's clock: what may leave as `final`, what is shown as
 * `interim`, and which first words are repeats of what an earlier connection said.
 */
import { joinTexts, type Word } from "../../transcript.ts";
import type { FinalEvent, InterimEvent } from "./events.ts";
import type { HeardSegment, HeardWord, SegmentKey } from "./heard.ts";
import { framesOf } from "./frames.ts";
import type { MediaClock } from "./media-clock.ts";
import type { Origin } from "./origin.ts";
import { countRepeats, heardAgain, SEAM_AHEAD_FRAMES, type TailWord } from "./reconcile.ts";
import { SegmentTable, type SegmentEntry, type TakenWords } from "./segments.ts";
import type { SpokenWord, Timeline } from "./timeline.ts";

export type TextEvent = InterimEvent | FinalEvent;

/** Text this much older than what has been answered will not become final any more (W18). */
const STALE_FRAMES = framesOf(30);

interface Seam {
  readonly tail: readonly TailWord[];
  readonly saidFrame: number;
}

/**
 * Words leave in order, each once. Always true: `#passed` words have left the table; while the seam
 * is open all of them were repeats.
 */
export class Hearing {
  readonly #connection: number;
  readonly #origin: Origin;
  readonly #timeline: Timeline;
  readonly #clock: MediaClock;
  readonly #table = new SegmentTable();
  #seam: Seam | undefined;
  #isHeld = true;
  #repeats = 0;
  /** What `#repeats` was when interims were last shown. */
  #shownRepeats = 0;
  #passed = 0;
  /** Connection frame up to which words were shown. */
  #seenFrame = 0;
  /** Words that end behind it are left to the next connection: this one heard them cut off. */
  cutFrame = Number.POSITIVE_INFINITY;

  constructor(connection: number, origin: Origin, timeline: Timeline, clock: MediaClock) {
    this.#connection = connection;
    this.#origin = origin;
    this.#timeline = timeline;
    this.#clock = clock;
  }

  /**
   * From now on words may leave. Until then they are only collected: another connection is still
   * saying what comes before.
   */
  begin(): void {
    const originFrame = this.#origin.originFrame;
    const tail = heardAgain(this.#timeline.tail, originFrame);
    if (tail.length > 0) this.#seam = { tail, saidFrame: this.#timeline.saidFrame };
    this.#isHeld = false;
  }

  /** What the connection said of a segment before. */
  wordsOf(key: SegmentKey): readonly HeardWord[] | undefined {
    return this.#table.wordsOf(key);
  }

  /** @returns whether something that had already left was changed. */
  hear(segments: readonly HeardSegment[]): boolean {
    return this.#table.apply(segments);
  }

  /** Whether new words came that are left out, for their segment is long complete. */
  takeAstray(): boolean {
    return this.#table.takeAstray();
  }

  /** Where the last word ends that was ever shown. */
  get shownFrame(): number {
    return this.#origin.place(this.#seenFrame);
  }

  /** Where the first word begins that was never shown before; `undefined` = nothing new. */
  newestFrame(): number | undefined {
    const { entries } = this.#table;
    const seen = this.#seenFrame;
    let first: number | undefined;
    for (let at = entries.length - 1; at >= 0; at -= 1) {
      const words = entries[at]?.words ?? [];
      this.#seenFrame = Math.max(this.#seenFrame, words.at(-1)?.endFrame ?? 0);
      const fresh = firstSince(words, seen);
      first = fresh ?? first;
      if (words.length > 0 && fresh !== words[0]?.startFrame) break;
    }
    return first === undefined ? undefined : this.#origin.place(first);
  }

  /** What the caller should know after `hear`; `heardFrame` is how far the audio is answered. */
  report(heardFrame: number): TextEvent[] {
    if (this.#isHeld) return [];
    this.#findRepeats();
    const events: TextEvent[] = [];
    const stale = this.#origin.wireFrame(heardFrame) - STALE_FRAMES;
    for (const taken of this.#table.takeFinals(stale)) this.#say(taken, events);
    this.#showInterims(events);
    return events;
  }

  /** The rest as final, as far as it ends by `untilFrame`: nothing better will come. */
  conclude(untilFrame = Number.POSITIVE_INFINITY): TextEvent[] {
    if (this.#isHeld) return [];
    this.#findRepeats();
    const events: TextEvent[] = [];
    const until = this.#origin.wireFrame(untilFrame);
    for (const taken of this.#table.takeAll(until)) this.#say(taken, events);
    return events;
  }

  /** Empty interims for everything that is shown and will not become final. */
  withdraw(): TextEvent[] {
    const events: TextEvent[] = [];
    for (const entry of this.#table.entries) {
      if (entry.shown === "") continue;
      entry.shown = "";
      entry.shownWords = [];
      events.push({ type: "interim", segment: this.#idOf(entry), text: "", words: [] });
    }
    return events;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  get hasUntaken(): boolean {
    return this.#table.firstUntaken() !== undefined;
  }

  /** Where the first provisional word begins; `undefined` = there is none, 0 = somewhere. */
  firstProvisionalFrame(): number | undefined {
    const word = this.#table.firstUntaken();
    if (word === undefined) return undefined;
    return word.startFrame === undefined ? 0 : this.#origin.place(word.startFrame);
  }

  #findRepeats(): void {
    if (this.#seam === undefined) return;
    const head: SpokenWord[] = [];
    // Those that have passed first: where segments were fused, others may be listed between them.
    for (const { words, taken } of this.#table.entries) {
      for (const word of words.slice(0, taken)) head.push(this.#spoken(word));
    }
    const forgotten = this.#passed - head.length;
    for (const { words, taken } of this.#table.entries) {
      for (const word of words.slice(taken)) head.push(this.#spoken(word));
      const start = head.at(-1)?.startFrame;
      if (start !== undefined && start > this.#seam.saidFrame + SEAM_AHEAD_FRAMES) break;
    }
    const count = countRepeats(this.#seam.tail, head, this.#seam.saidFrame);
    this.#repeats = Math.max(count + forgotten, this.#passed);
  }

  #say(taken: TakenWords, events: TextEvent[]): void {
    const words: Word[] = [];
    for (const word of taken.words) {
      const isRepeat = this.#passed < this.#repeats;
      this.#passed += 1;
      if (isRepeat) continue;
      const spoken = this.#spoken(word);
      if ((spoken.endFrame ?? 0) > this.cutFrame) continue;
      this.#seam = undefined;
      this.#timeline.say(spoken);
      words.push(this.#publish(word));
    }
    if (words.length === 0) return;
    taken.entry.shown = "";
    const segment = this.#idOf(taken.entry);
    events.push({ type: "final", segment, text: textOf(words), words });
  }

  #showInterims(events: TextEvent[]): void {
    let index = this.#passed;
    const isSeamMoved = this.#repeats !== this.#shownRepeats;
    this.#shownRepeats = this.#repeats;
    for (const entry of this.#table.takeUnsettled()) {
      const from = index;
      index += entry.words.length - entry.taken;
      const isSame = entry.words === entry.shownWords && entry.taken === entry.shownTaken;
      if (isSame && !isSeamMoved) continue;
      entry.shownWords = entry.words;
      entry.shownTaken = entry.taken;
      this.#showInterim(entry, from, events);
    }
  }

  /** @param from how many words of the connection lie before those that have not left. */
  #showInterim(entry: SegmentEntry, from: number, events: TextEvent[]): void {
    const fresh = entry.words.slice(entry.taken + Math.max(0, this.#repeats - from));
    const text = textOf(fresh);
    if (text === entry.shown) return;
    entry.shown = text;
    const words = fresh.map((word) => this.#publish(word));
    events.push({ type: "interim", segment: this.#idOf(entry), text, words });
  }

  #spoken(word: HeardWord): SpokenWord {
    return {
      text: word.text,
      startFrame: word.startFrame === undefined ? undefined : this.#origin.place(word.startFrame),
      endFrame: word.endFrame === undefined ? undefined : this.#origin.place(word.endFrame),
    };
  }

  #publish(word: HeardWord): Word {
    const { startFrame, endFrame } = this.#spoken(word);
    const clock = this.#clock;
    return {
      text: word.text,
      start: startFrame === undefined ? undefined : clock.seconds(startFrame),
      end: endFrame === undefined ? undefined : clock.seconds(endFrame, true),
      confidence: word.confidence,
      language: word.language,
      estimated: word.estimated ? true : undefined,
    };
  }

  #idOf(entry: SegmentEntry): string {
    return `${this.#connection}:${entry.key}`;
  }
}

/** Where the first of the last words begins that all begin at `frame` or later. */
function firstSince(words: readonly HeardWord[], frame: number): number | undefined {
  let first: number | undefined;
  for (let index = words.length - 1; index >= 0; index -= 1) {
    const start = words[index]?.startFrame;
    if (start === undefined || start < frame) break;
    first = start;
  }
  return first;
}

function textOf(words: readonly Pick<Word, "text" | "language">[]): string {
  if (words.length === 0) return "";
  return joinTexts(
    words.map((word) => word.text),
    words[0]?.language,
  );
}
