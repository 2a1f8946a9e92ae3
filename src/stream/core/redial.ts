/** When to dial again, and when to give up. */
import { retryDelayMs, type RetryPolicy } from "../../retry.ts";
import type { Verdict } from "./failure.ts";

export interface RedialLimits {
  readonly policy: RetryPolicy;
  /** Tries after the first one while no connection has ever been open and nothing answers at all. */
  readonly firstAttempts: number;
  /** Longest time without progress on any connection. */
  readonly deadlineMs: number;
}

/**
 * The breaker is part of the count: a connection that opens and dies without having answered
 * anything is one more failed attempt, so a server that accepts and drops is left alone as surely
 * as one that refuses.
 */
export class Redial {
  readonly #limits: RedialLimits;
  readonly #random: () => number;
  #attempt = 0;
  /** Failures that are worth two more tries at most. */
  #twice = 0;
  #troubleSinceMs: number | undefined;
  /** A connection was open once, or a dial was answered: the address is right. */
  #isThere = false;

  constructor(limits: RedialLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  get attempt(): number {
    return this.#attempt;
  }

  opened(): void {
    this.#isThere = true;
  }

  /** A connection answered something: what was before is forgiven. */
  progressed(): void {
    this.#attempt = 0;
    this.#twice = 0;
    this.#troubleSinceMs = undefined;
  }

  /**
   * A dial failed or a connection was lost.
   * @returns milliseconds until the next dial, or `undefined`: give up.
   */
  failed(now: number, verdict: Extract<Verdict, { kind: "retry" }>): number | undefined {
    const { policy, firstAttempts, deadlineMs } = this.#limits;
    this.#troubleSinceMs ??= now;
    this.#isThere ||= verdict.isAnswered;
    const limit = this.#isThere ? policy.attempts : Math.min(policy.attempts, firstAttempts);
    if (this.#attempt >= limit || (verdict.twice && this.#twice >= 2)) return undefined;
    const asked = verdict.afterMs;
    if (asked !== undefined && asked > policy.maxRetryAfterMs) return undefined;
    // Jitter comes on top of what was asked, or all who were asked come back together.
    const delayMs = (asked ?? 0) + retryDelayMs(policy, this.#attempt, this.#random());
    if (now + delayMs - this.#troubleSinceMs > deadlineMs) return undefined;
    this.#attempt += 1;
    if (verdict.twice) this.#twice += 1;
    return delayMs;
  }
}
