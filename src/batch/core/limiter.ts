/**
 * How much may be asked of the service in a minute, and what its answers say about that
 * (PROTOCOL §8.3).
 *
 * Invariant: in any 60 seconds no more requests, and no more audio, are let through than the
 * limits allow; audio that alone is above its limit waits until nothing else counts.
 *
 * A 429 halves what is used of the limits (down to 1/64) and pauses everything; each 10 seconds
 * without another one give a tenth back. A service that says it is nearly full (P24,
 * `x-ratelimit-over-limit`) takes a tenth.
 */
import { retryAfterMs } from "../../retry.ts";
import type { HttpAnswer } from "./verdict.ts";

/** What a service takes from one account in a minute. */
export interface RateLimits {
  /** Default 6000; 10 for accounts without a payment method. */
  readonly requestsPerMinute: number;
  /** Default 200 (`whisper-v3`) or 400 (`whisper-v3-turbo`). */
  readonly audioMinutesPerMinute: number;
}

/** PROTOCOL §8.3, as published in 2025. */
export function defaultRates(model: string): RateLimits {
  const audio = model === "whisper-v3-turbo" ? 400 : 200;
  return { requestsPerMinute: 6000, audioMinutesPerMinute: audio };
}

const WINDOW_MS = 60_000;
const LEAST_SHARE = 1 / 64;
const RECOVERY_STEP_MS = 10_000;
/** Many answers tell of one and the same congestion. */
const ONE_CONGESTION_MS = 1000;
/** Sums of fractions must not hold anything back. */
const EPSILON = 1e-9;

export class RateLimiter {
  readonly #limits: RateLimits;
  readonly #requests = new Window();
  readonly #audio = new Window();
  #announced = Number.POSITIVE_INFINITY;
  #share = 1;
  #changedMs = Number.NEGATIVE_INFINITY;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  /** @throws RangeError when a limit is not above 0. */
  constructor(limits: RateLimits) {
    for (const [name, value] of Object.entries(limits)) {
      if (typeof value === "number" && value > 0) continue;
      throw new RangeError(`Cannot limit the rate: ${name} must be above 0, got ${String(value)}`);
    }
    this.#limits = limits;
  }

  /** The part of the limits that is used now, 1/64 to 1. */
  get share(): number {
    return this.#share;
  }

  /**
   * Lets one request through, or says how long to wait before asking again.
   *
   * @returns 0 when it may go now and is counted; else milliseconds.
   */
  take(nowMs: number, audioMinutes = 0): number {
    this.#recover(nowMs);
    const requests = Math.min(this.#limits.requestsPerMinute, this.#announced) * this.#share;
    const audio = this.#limits.audioMinutesPerMinute * this.#share;
    const wait = Math.max(
      this.#pausedUntilMs - nowMs,
      this.#requests.waitMs(nowMs, 1, Math.max(1, requests)),
      audioMinutes > 0 ? this.#audio.waitMs(nowMs, audioMinutes, audio) : 0,
    );
    if (wait > 0) return Math.ceil(wait);
    this.#requests.add(nowMs, 1);
    if (audioMinutes > 0) this.#audio.add(nowMs, audioMinutes);
    return 0;
  }

  /** Every answer, of whatever route. */
  handleAnswer(nowMs: number, answer: Pick<HttpAnswer, "status" | "headers">): void {
    const limit = number(answer.headers["x-ratelimit-limit-requests"]);
    if (limit !== undefined && limit >= 1) this.#announced = limit;
    const asked = retryAfterMs(answer.headers, nowMs) ?? 0;
    if (answer.status === 429) {
      this.#pause(nowMs + Math.max(asked, ONE_CONGESTION_MS));
      this.#shrink(nowMs, 0.5);
    } else if (answer.headers["x-ratelimit-over-limit"] === "yes") {
      this.#shrink(nowMs, 0.9);
    }
    if (number(answer.headers["x-ratelimit-remaining-requests"]) === 0) {
      this.#pause(nowMs + ONE_CONGESTION_MS);
    }
  }

  #pause(untilMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
  }

  #shrink(nowMs: number, factor: number): void {
    if (nowMs - this.#changedMs < ONE_CONGESTION_MS && this.#share < 1) return;
    this.#share = Math.max(LEAST_SHARE, this.#share * factor);
    this.#changedMs = nowMs;
  }

  #recover(nowMs: number): void {
    if (this.#share >= 1) return;
    const steps = Math.floor((nowMs - this.#changedMs) / RECOVERY_STEP_MS);
    if (steps < 1) return;
    this.#share = Math.min(1, this.#share + 0.1 * steps);
    this.#changedMs += steps * RECOVERY_STEP_MS;
  }
}

/** What went through in the last 60 seconds: amounts by time, oldest first. */
class Window {
  #times: number[] = [];
  #amounts: number[] = [];
  #head = 0;
  #sum = 0;

  /** 0 when `amount` fits under `limit` now; else when enough of the window has passed. */
  waitMs(nowMs: number, amount: number, limit: number): number {
    this.#expire(nowMs);
    let over = this.#sum + amount - limit - EPSILON;
    let wait = 0;
    for (let at = this.#head; over > 0 && at < this.#times.length; at += 1) {
      over -= this.#amounts[at] ?? 0;
      wait = (this.#times[at] ?? nowMs) + WINDOW_MS - nowMs;
    }
    return wait;
  }

  add(nowMs: number, amount: number): void {
    this.#times.push(nowMs);
    this.#amounts.push(amount);
    this.#sum += amount;
  }

  #expire(nowMs: number): void {
    while (this.#head < this.#times.length) {
      if ((this.#times[this.#head] ?? nowMs) > nowMs - WINDOW_MS) break;
      this.#sum -= this.#amounts[this.#head] ?? 0;
      this.#head += 1;
    }
    if (this.#head === this.#times.length) this.#sum = 0;
    if (this.#head < 1024 || this.#head * 2 < this.#times.length) return;
    this.#times = this.#times.slice(this.#head);
    this.#amounts = this.#amounts.slice(this.#head);
    this.#head = 0;
  }
}

function number(value: string | readonly string[] | undefined): number | undefined {
  const parsed = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(parsed) ? parsed : undefined;
}
