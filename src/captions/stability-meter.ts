/** What live text costs a reader: how late it comes, and how much of it is taken back. */
import type { Word } from "../transcript.ts";

/** What a reader of live text saw so far. */
export interface StabilityMetrics {
  /** Words that are final. */
  readonly finalWords: number;
  /** Words that a viewer saw in the tail and that were changed or taken away, ÷ final words. */
  readonly erasure: number;
  /** Words committed early that the final does not have. They stay on the screen. */
  readonly wrongWords: number;
  /** Words of finals that never came on the screen, because what was committed early stands for them. */
  readonly missedWords: number;
  /** Milliseconds from the end of a word to its first sight, mean over words with times. */
  readonly meanFirstSeenMs: number;
  /** Milliseconds from the end of a word until it was committed, mean over words with times. */
  readonly meanCommitMs: number;
  /** The worst of these. */
  readonly maxCommitMs: number;
}

/** Changes closer than this are one change to a viewer, and events closer than this came together. */
export const INSTANT_MS = 20;

/** Counts; holds no words but those of one screen. */
export class StabilityMeter {
  #finalWords = 0;
  #erased = 0;
  #wrong = 0;
  #missed = 0;
  #seen = { words: 0, ms: 0 };
  #commits = { words: 0, ms: 0, worst: 0 };
  #frameMs = Number.NEGATIVE_INFINITY;
  #frameTail: readonly string[] = [];
  #shown: string[] = [];

  /**
   * Before anything changes at `nowMs`: what stood on the screen since the last change was seen.
   * Changes within one instant are one: nobody saw what stood between them.
   */
  frame(nowMs: number, tail: readonly string[]): void {
    if (nowMs < this.#frameMs + INSTANT_MS) return;
    const now = [...this.#shown, ...tail];
    let same = 0;
    while (same < this.#frameTail.length && this.#frameTail[same] === now[same]) same += 1;
    this.#erased += this.#frameTail.length - same;
    this.#frameMs = nowMs;
    this.#frameTail = tail;
    this.#shown = [];
  }

  /** A word came on the screen for the first time. */
  seen(nowMs: number, word: Word): void {
    if (word.end === undefined) return;
    this.#seen.words += 1;
    this.#seen.ms += Math.max(0, nowMs - word.end * 1000);
  }

  /** A word was committed; `key` is its normalized text. */
  committed(nowMs: number, word: Word, key: string): void {
    this.#shown.push(key);
    if (word.end === undefined) return;
    const ms = Math.max(0, nowMs - word.end * 1000);
    this.#commits.words += 1;
    this.#commits.ms += ms;
    this.#commits.worst = Math.max(this.#commits.worst, ms);
  }

  /** So many words became final; `missed` of them never came on the screen. */
  settled(words: number, missed: number): void {
    this.#finalWords += words;
    this.#missed += missed;
  }

  /** So many committed words are not in the final. */
  wrong(words: number): void {
    this.#wrong += words;
  }

  /** The figures so far. */
  read(): StabilityMetrics {
    return {
      finalWords: this.#finalWords,
      erasure: this.#finalWords === 0 ? 0 : this.#erased / this.#finalWords,
      wrongWords: this.#wrong,
      missedWords: this.#missed,
      meanFirstSeenMs: this.#seen.words === 0 ? 0 : this.#seen.ms / this.#seen.words,
      meanCommitMs: this.#commits.words === 0 ? 0 : this.#commits.ms / this.#commits.words,
      maxCommitMs: this.#commits.worst,
    };
  }
}
