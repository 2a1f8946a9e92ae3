/** The part of live text that may still change: what it keeps, and when its words are ripe. */
import type { Word } from "../transcript.ts";
import { comparable } from "./align.ts";

/** When a word is shown for good before it is final. */
export interface RipeningRules {
  /** Hypotheses in a row that must have it unchanged, … */
  readonly hypotheses: number;
  /** … or milliseconds for which it must stand unchanged, in two hypotheses at least. */
  readonly surviveMs: number;
  /** Milliseconds after which the place where it stands is committed, whatever stands there. */
  readonly maxTailMs: number;
  /** Last words of a hypothesis that only age or a final commits: what follows them was not heard yet. */
  readonly heldWords: number;
}

export interface TailWord {
  readonly word: Word;
  /** To compare: {@link comparable}. */
  readonly key: string;
  /** When something was first shown in this place. Never falls from word to word. */
  readonly bornMs: number;
  /** Since when it is this word. */
  readonly sinceMs: number;
  /** Hypotheses in a row that had it. */
  readonly agreed: number;
  /** False when the newest hypothesis ends before it: it stays in sight for its age, and is never committed. */
  readonly live: boolean;
}

/**
 * The tail after a new hypothesis of the same speech. Words that it confirms keep their age. A
 * hypothesis that merely stops earlier does not take words off the screen.
 */
export function reviseTail(
  before: readonly TailWord[],
  words: readonly Word[],
  nowMs: number,
): TailWord[] {
  const tail: TailWord[] = [];
  let same = true;
  for (const [index, word] of words.entries()) {
    const key = comparable(word.text);
    const old = before[index];
    same &&= old?.key === key;
    const kept = same && old?.live === true ? old : undefined;
    tail.push({
      word,
      key,
      bornMs: Math.max(old?.bornMs ?? nowMs, tail.at(-1)?.bornMs ?? 0),
      sinceMs: same ? (old?.sinceMs ?? nowMs) : nowMs,
      agreed: (kept?.agreed ?? 0) + 1,
      live: true,
    });
  }
  if (!same) return tail;
  return [
    ...tail,
    ...before.slice(words.length).map((word) => ({ ...word, live: false, agreed: 0 })),
  ];
}

/** How many words at the front of the tail are to be committed now. */
export function countRipe(tail: readonly TailWord[], nowMs: number, rules: RipeningRules): number {
  const live = liveCount(tail);
  let ripe = 0;
  for (let index = 0; index < live; index += 1) {
    const word = tail[index];
    if (word === undefined) break;
    if (nowMs >= word.bornMs + rules.maxTailMs) {
      ripe = index + 1;
    } else if (
      ripe === index &&
      index < live - rules.heldWords &&
      hasSurvived(word, nowMs, rules)
    ) {
      ripe = index + 1;
    }
  }
  return ripe;
}

/** A word that stands long because nothing newer was heard has not survived anything. */
const CONFIRMED = 2;

function hasSurvived(word: TailWord, nowMs: number, rules: RipeningRules): boolean {
  if (word.agreed >= rules.hypotheses) return true;
  return word.agreed >= CONFIRMED && nowMs >= word.sinceMs + rules.surviveMs;
}

/** The tail without words that no hypothesis has any more and that are past their age. */
export function dropStale(
  tail: readonly TailWord[],
  nowMs: number,
  rules: RipeningRules,
): TailWord[] {
  return tail.filter((word) => word.live || nowMs < word.bornMs + rules.maxTailMs);
}

/** When the first word of the tail becomes ripe or stale; `undefined` for an empty tail. */
export function nextRipe(tail: readonly TailWord[], rules: RipeningRules): number | undefined {
  const first = tail[0];
  if (first === undefined) return undefined;
  const aged = Math.min(...tail.map((word) => word.bornMs)) + rules.maxTailMs;
  const held = !first.live || first.agreed < CONFIRMED || liveCount(tail) <= rules.heldWords;
  return held ? aged : Math.min(aged, first.sinceMs + rules.surviveMs);
}

function liveCount(tail: readonly TailWord[]): number {
  const dead = tail.findIndex((word) => !word.live);
  return dead < 0 ? tail.length : dead;
}
