/**
 * What is worth another try, and when: policy -> delay. Pure; the caller brings the randomness.
 */

/** How often and how long to try again. */
export interface RetryPolicy {
  /** Tries after the first one. Default 5. */
  readonly attempts: number;
  /** Upper bound of the first wait. Default 500. */
  readonly baseMs: number;
  /** Upper bound of any wait that the other side did not ask for. Default 8000. */
  readonly capMs: number;
  /** A longer `Retry-After` than this is not waited for. Default 120 000. */
  readonly maxRetryAfterMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 5,
  baseMs: 500,
  capMs: 8000,
  maxRetryAfterMs: 120_000,
};

/**
 * Full jitter: a uniform wait below `min(cap, base * 2^attempt)`, so that clients which failed
 * together do not come back together.
 *
 * @param attempt 0 for the first retry.
 * @param random in [0, 1).
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number): number {
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt, 30));
  return Math.floor(random * ceiling);
}

/** How an HTTP status (also one on a WebSocket upgrade) is answered (PROTOCOL §8.1). */
export type StatusVerdict = "ok" | "retry" | "retry-twice" | "never";

const RETRIED = new Set([408, 425, 429, 502, 503, 504, 520]);

export function statusVerdict(status: number): StatusVerdict {
  if (status >= 200 && status < 300) return "ok";
  if (RETRIED.has(status)) return "retry";
  return status >= 500 ? "retry-twice" : "never";
}

/** Whether a dropped WebSocket is worth another dial (PROTOCOL §4.7: codes are undocumented, so only refusals end it). */
export function closeCodeVerdict(code: number): "retry" | "never" {
  return NEVER_REDIAL.has(code) ? "never" : "retry";
}

/** Protocol violations and refusals: the same call would be refused again. */
const NEVER_REDIAL = new Set([1002, 1003, 1007, 1008, 1009, 1010, 4001, 4401, 4403]);

/**
 * `Retry-After` as milliseconds from `nowMs`: whole or fractional seconds, or an HTTP date
 * (RFC 9110 §10.2.3); `retry-after-ms` is milliseconds. `undefined` when absent or senseless.
 */
export function retryAfterMs(
  headers: { readonly [name: string]: string | readonly string[] | undefined },
  nowMs: number,
): number | undefined {
  const inMs = Number(first(headers["retry-after-ms"]) ?? Number.NaN);
  if (Number.isFinite(inMs) && inMs >= 0) return inMs;
  const value = first(headers["retry-after"])?.trim();
  if (value === undefined || value === "") return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function first(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}
