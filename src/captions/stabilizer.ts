/**
 * Live text that does not flicker. In go hypotheses that are revised all the time, out come
 * differences for a screen: text to append for good, and a tail to show behind it.
 *
 * Always true: what was committed never changes; the `commit` texts of all updates, joined, are
 * what stands before the tail; the tail gets no shorter because a hypothesis does, but a shorter
 * final wins; no place stays uncommitted longer than the age limit, if `tick` is called when
 * `nextTimeout` says; a word that is final is committed at once.
 */
import type { Word } from "../transcript.ts";
import { alignPrefix, comparable } from "./align.ts";
import { needsSpace } from "./spacing.ts";
import { INSTANT_MS, StabilityMeter, type StabilityMetrics } from "./stability-meter.ts";
import {
  countRipe,
  dropStale,
  nextRipe,
  reviseTail,
  type RipeningRules,
  type TailWord,
} from "./tail.ts";

/** What is read of a session's `interim` and `final` events. */
export interface HypothesisEvent {
  /** As in a session's events. */
  readonly type: "interim" | "final";
  /** `connection:segment`; hypotheses are shown in the order of these numbers. */
  readonly segment: string;
  /** Of an interim: the words that are not final yet. */
  readonly words: readonly Word[];
}

/** How sure a word must be before it is shown for good. */
export type Stability = "low" | "medium" | "high";

/** A setting, and any of its rules that shall differ. */
export interface StabilizerOptions extends Partial<RipeningRules> {
  /** How sure a word must be before it is shown for good without being final. Default `medium`. */
  readonly stability?: Stability | undefined;
}

/** What the screen has to do. Updates are numbered from 1 without gaps, so that a viewer notices a lost one. */
export interface StableUpdate {
  /** 1 for the first. */
  readonly seq: number;
  /** Append this to the settled text. */
  readonly commit: string;
  /** Show this behind it, instead of what was shown there. */
  readonly tail: string;
}

/** The rules of each setting; docs/captions.md has them as a table. */
export const STABILITY: Readonly<Record<Stability, RipeningRules>> = {
  low: { hypotheses: 2, surviveMs: 500, maxTailMs: 3000, heldWords: 1 },
  medium: { hypotheses: 4, surviveMs: 1200, maxTailMs: 4000, heldWords: 1 },
  high: { hypotheses: 8, surviveMs: 3000, maxTailMs: 8000, heldWords: 2 },
};

interface Rest {
  readonly atMs: number;
  readonly segment: string;
  readonly tail: readonly TailWord[];
  readonly ahead: number;
}

/** Words that are committed but not final are remembered up to here; older ones count as final. */
const MOST_AHEAD = 400;

/** Words of a tail; the front of a longer one is committed. */
const MOST_TAIL = 400;

/**
 * Turns the events of one session into stable text. A transducer: time comes in as an argument, in
 * milliseconds since the first audio.
 *
 * @throws {RangeError} for an unknown setting or a limit below 0
 * @example
 * const stabilizer = new Stabilizer({ stability: "low" });
 * const update = stabilizer.push(now(), event);
 * if (update !== undefined) screen.show(update.commit, update.tail);
 */
export class Stabilizer {
  readonly #rules: RipeningRules;
  readonly #meter = new StabilityMeter();
  readonly #open = new Map<string, readonly Word[]>();
  /** Committed words that are not final yet, to compare. */
  #ahead: string[] = [];
  #tail: readonly TailWord[] = [];
  /**
   * What a final left over: the rest of its segment, if it has one, comes as a new interim in the
   * same instant. `tail` is what the final took off the screen; the first `ahead` committed words
   * have no final yet, and are wrong if no interim comes.
   */
  #rest: Rest | undefined;
  #last: Word | undefined;
  #shownTail = "";
  #seq = 0;

  constructor(options: StabilizerOptions = {}) {
    this.#rules = resolveRules(options);
  }

  /** Takes one event. `undefined`: the screen stays as it is. */
  push(nowMs: number, event: HypothesisEvent): StableUpdate | undefined {
    this.#frame(nowMs);
    const words = event.words.filter(({ text }) => text.trim() !== "");
    if (event.type === "interim") {
      if (words.length === 0) this.#open.delete(event.segment);
      else this.#open.set(event.segment, words);
      const rest = this.#rest?.segment === event.segment ? this.#rest : undefined;
      this.#rest = rest === undefined ? this.#rest : undefined;
      this.#revise(nowMs, rest?.tail ?? this.#tail);
      if (rest !== undefined) this.#tail = this.#tail.filter(({ live }) => live);
      return this.#update(this.#ripen(nowMs));
    }
    const commit = this.#settle(nowMs, event.segment, words);
    return this.#update(commit + this.#ripen(nowMs));
  }

  /** Commits what has become ripe since, and drops what nobody has confirmed for too long. */
  tick(nowMs: number): StableUpdate | undefined {
    this.#frame(nowMs);
    return this.#update(this.#ripen(nowMs));
  }

  /** When `tick` has something to do, in milliseconds since the first audio. */
  nextTimeout(): number | undefined {
    return nextRipe(this.#tail, this.#rules);
  }

  /** The session is over: words that nobody confirmed leave the screen. */
  flush(nowMs: number): StableUpdate | undefined {
    this.#frame(nowMs);
    this.#meter.wrong(this.#ahead.length);
    this.#open.clear();
    this.#ahead = [];
    this.#rest = undefined;
    this.#tail = [];
    this.#frame(nowMs + INSTANT_MS);
    return this.#update("");
  }

  /** What a reader saw so far: words taken back, and how late words came. */
  metrics(): StabilityMetrics {
    return this.#meter.read();
  }

  #frame(nowMs: number): void {
    this.#giveUpRest(nowMs);
    this.#meter.frame(
      nowMs,
      this.#tail.map(({ key }) => key),
    );
  }

  /** Lays the committed words over the open hypotheses; what lies behind is the new tail. */
  #revise(nowMs: number, before: readonly TailWord[]): void {
    const words = this.#openWords();
    const { covered } = alignPrefix(
      this.#ahead,
      words.map(({ text }) => comparable(text)),
    );
    this.#tail = reviseTail(before, words.slice(covered), nowMs);
    for (const { word, bornMs, sinceMs } of this.#tail.slice(before.length)) {
      if (bornMs === nowMs && sinceMs === nowMs) this.#meter.seen(nowMs, word);
    }
  }

  #settle(nowMs: number, segment: string, words: readonly Word[]): string {
    // Finals come in order: nothing before this one is open, and its own rest comes anew.
    for (const key of this.#open.keys()) if (compareIds(key, segment) <= 0) this.#open.delete(key);
    const all = [...words, ...this.#openWords()].map(({ text }) => comparable(text));
    const { covered, reached, fates } = alignPrefix(this.#ahead, all);
    const beyond = reached.findIndex((count) => count > words.length);
    const before = this.#ahead.slice(0, beyond < 0 ? reached.length : beyond);
    const past = before.findLastIndex((_, index) => fates[index] !== "gone") + 1;
    const right = fates.slice(0, past).filter((fate) => fate === "same").length;
    const accounted = Math.min(covered, words.length);
    this.#meter.settled(words.length, accounted - right);
    this.#meter.wrong(past - right);
    this.#ahead = this.#ahead.slice(past);
    const fresh = words.slice(accounted);
    const commit = this.#append(nowMs, fresh);
    const tail = this.#tail.slice(fresh.length).filter(({ live }) => live);
    this.#rest = { atMs: nowMs, segment, tail, ahead: before.length - past };
    this.#revise(nowMs, tail);
    this.#tail = this.#tail.filter(({ live }) => live);
    return commit;
  }

  /** No rest came: committed words that the final did not have are wrong, and hide nothing that follows. */
  #giveUpRest(nowMs: number): void {
    if (this.#rest === undefined || nowMs < this.#rest.atMs + INSTANT_MS) return;
    this.#ahead = this.#ahead.slice(this.#rest.ahead);
    this.#meter.wrong(this.#rest.ahead);
    this.#rest = undefined;
  }

  #ripen(nowMs: number): string {
    const ripe = Math.max(
      countRipe(this.#tail, nowMs, this.#rules),
      this.#tail.filter(({ live }) => live).length - MOST_TAIL,
    );
    const words = this.#tail.slice(0, ripe);
    this.#tail = dropStale(this.#tail.slice(ripe), nowMs, this.#rules);
    this.#ahead = [...this.#ahead, ...words.map(({ key }) => key)].slice(-MOST_AHEAD);
    return this.#append(
      nowMs,
      words.map(({ word }) => word),
    );
  }

  #append(nowMs: number, words: readonly Word[]): string {
    let text = "";
    for (const word of words) {
      text += join(this.#last, word);
      this.#last = word;
      this.#meter.committed(nowMs, word, comparable(word.text));
    }
    return text;
  }

  #update(commit: string): StableUpdate | undefined {
    let tail = "";
    let before = this.#last;
    for (const { word } of this.#tail) {
      tail += join(before, word);
      before = word;
    }
    if (commit === "" && tail === this.#shownTail) return undefined;
    this.#shownTail = tail;
    this.#seq += 1;
    return { seq: this.#seq, commit, tail };
  }

  #openWords(): Word[] {
    const ids = [...this.#open.keys()].toSorted(compareIds);
    return ids.flatMap((id) => this.#open.get(id) ?? []);
  }
}

function join(before: Word | undefined, word: Word): string {
  const text = word.text.trim();
  return before !== undefined && needsSpace(before.text.trim(), text, word.language)
    ? ` ${text}`
    : text;
}

/** `1:9` before `1:10` before `2:0`; parts that are no numbers compare as text. */
function compareIds(a: string, b: string): number {
  const left = a.split(":");
  const right = b.split(":");
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const one = left[index] ?? "";
    const other = right[index] ?? "";
    const difference = Number(one) - Number(other);
    if (Number.isNaN(difference) && one !== other) return one < other ? -1 : 1;
    if (!Number.isNaN(difference) && difference !== 0) return difference;
  }
  return 0;
}

function resolveRules({ stability = "medium", ...own }: StabilizerOptions): RipeningRules {
  if (!Object.hasOwn(STABILITY, stability)) {
    throw new RangeError(
      `Cannot stabilize text: stability must be low, medium, or high, got ${stability}`,
    );
  }
  const rules = { ...STABILITY[stability] };
  for (const key of Object.keys(rules) as (keyof RipeningRules)[]) {
    const value = own[key];
    if (value === undefined) continue;
    if (!(value >= 0)) {
      throw new RangeError(`Cannot stabilize text: ${key} must be a number from 0, got ${value}`);
    }
    rules[key] = value;
  }
  return rules;
}
