/** The retry loop of every request: tries, waits, gives up (PROTOCOL §8.1). */
import { type RetryPolicy, retryDelayMs } from "../retry.ts";
import type { Clock } from "./clock.ts";
import type { Failure } from "./core/verdict.ts";

/** How a try ended. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };

/** Statuses that say "our bug" are worth this many further tries (PROTOCOL §8.1: 500). */
const RETRIES_OF_A_SERVER_BUG = 2;

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Before each wait. */
  readonly onRetry?: ((failure: Failure, delayMs: number) => void) | undefined;
  /** Overrides the failure's own verdict: `false` ends the loop. */
  readonly mayRetry?: ((failure: Failure) => boolean) | undefined;
}

/**
 * Runs `attempt` until it succeeds, fails for good, or `policy.attempts` further tries are used up;
 * a `Retry-After` above `policy.maxRetryAfterMs` ends it too.
 *
 * @returns the last outcome; whatever `attempt` throws goes through.
 */
export async function withRetries<Value>(
  attempt: () => Promise<Outcome<Value>>,
  options: RetryOptions,
): Promise<Outcome<Value>> {
  const { policy, clock, signal } = options;
  let serverBugs = 0;
  for (let retries = 0; ; retries += 1) {
    signal?.throwIfAborted();
    const outcome = await attempt();
    if (outcome.ok) return outcome;
    const { failure } = outcome;
    if (failure.retry === "retry-twice") serverBugs += 1;
    const tired = retries >= policy.attempts || serverBugs > RETRIES_OF_A_SERVER_BUG;
    if (failure.retry === "never" || tired || options.mayRetry?.(failure) === false) return outcome;
    const asked = failure.retryAfterMs ?? 0;
    if (asked > policy.maxRetryAfterMs) return outcome;
    const delayMs = Math.max(asked, retryDelayMs(policy, retries, clock.random()));
    options.onRetry?.(failure, delayMs);
    await clock.sleep(delayMs, signal);
  }
}
