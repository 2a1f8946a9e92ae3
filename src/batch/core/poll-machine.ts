/**
 * One schedule for all jobs that are waited for: who is asked next, and what an answer means.
 * A machine: time and chance come in, commands go out through `poll()`, `nextTimeout()` says when
 * to come back. It knows nothing of HTTP.
 *
 * Invariants: a job is either due at a time, being asked, or forgotten; at most `concurrency` are
 * being asked; each job yields exactly one `settle`, unless it is removed.
 *
 * | news                              | then                                              |
 * |-----------------------------------|---------------------------------------------------|
 * | running, or any unknown status    | asked again by the schedule                       |
 * | completed                         | settle `completed`                                |
 * | failed                            | settle `failed`                                   |
 * | 404 within the grace (B11)        | asked again                                       |
 * | 404 three times after the grace   | settle `unknown` (B14)                            |
 * | a failure worth a retry (B12)     | asked again, later each time                      |
 * | any other failure                 | settle `stopped`: the job itself may well go on   |
 * | the deadline (B13)                | settle `late`: the same                           |
 */
import type { JobNews } from "./batch-reply.ts";
import { type PollPolicy, pollDelayMs } from "./poll-schedule.ts";
import { TimeHeap } from "./time-heap.ts";
import type { Failure } from "./verdict.ts";

export type PollCommand =
  | { readonly type: "ask"; readonly id: string }
  | { readonly type: "settle"; readonly id: string; readonly end: PollEnd };

export type PollEnd =
  | Extract<JobNews, { kind: "completed" | "failed" }>
  | { readonly kind: "unknown" | "stopped"; readonly failure: Failure }
  | { readonly kind: "late"; readonly waitedMs: number; readonly status: string | undefined };

interface Watched {
  readonly submittedMs: number;
  readonly sinceMs: number;
  readonly expectedMs: number | undefined;
  asking: boolean;
  failures: number;
  unknowns: number;
  status: string | undefined;
}

/** A 404 after the grace must repeat this often before it is believed. */
const UNKNOWN_TIMES = 3;

export class PollMachine {
  readonly #policy: PollPolicy;
  readonly #random: () => number;
  readonly #concurrency: number;
  readonly #jobs = new Map<string, Watched>();
  readonly #due = new TimeHeap();
  readonly #settled: PollCommand[] = [];
  #asking = 0;

  constructor(policy: PollPolicy, random: () => number, concurrency = 4) {
    this.#policy = policy;
    this.#random = random;
    this.#concurrency = concurrency;
  }

  get size(): number {
    return this.#jobs.size;
  }

  /** Watches a job. One that was submitted long ago is asked for soon. */
  add(nowMs: number, id: string, submittedMs: number, expectedMs?: number): void {
    if (this.#jobs.has(id)) return;
    const job: Watched = {
      submittedMs: Math.min(submittedMs, nowMs),
      sinceMs: nowMs,
      expectedMs,
      asking: false,
      failures: 0,
      unknowns: 0,
      status: undefined,
    };
    this.#jobs.set(id, job);
    const old = nowMs - job.submittedMs > this.#policy.firstMs;
    const delay = old ? this.#random() * this.#policy.minMs : this.#delay(nowMs, job);
    this.#schedule(nowMs, id, job, delay);
  }

  /** Forgets a job; what is being asked about it is ignored. */
  remove(id: string): void {
    const job = this.#jobs.get(id);
    if (job?.asking === true) this.#asking -= 1;
    this.#jobs.delete(id);
  }

  handleNews(nowMs: number, id: string, news: JobNews | undefined): void {
    const job = this.#answered(id);
    if (job === undefined) return;
    if (news === undefined) {
      job.failures += 1;
    } else if (news.kind === "running") {
      job.failures = 0;
      job.unknowns = 0;
      job.status = news.status;
    } else {
      this.#settle(id, news);
      return;
    }
    this.#again(nowMs, id, job);
  }

  handleFailure(nowMs: number, id: string, failure: Failure): void {
    const job = this.#answered(id);
    if (job === undefined) return;
    if (failure.error.status === 404 && failure.error.code !== "service-withdrawn") {
      const late = nowMs - job.submittedMs > this.#policy.unknownGraceMs;
      if (late) job.unknowns += 1;
      if (job.unknowns >= UNKNOWN_TIMES) this.#settle(id, { kind: "unknown", failure });
      else this.#again(nowMs, id, job);
      return;
    }
    if (failure.retry === "never") {
      this.#settle(id, { kind: "stopped", failure });
      return;
    }
    job.failures += 1;
    this.#again(nowMs, id, job, failure.retryAfterMs);
  }

  /** The next command that can be carried out now. */
  poll(nowMs: number): PollCommand | undefined {
    const settled = this.#settled.shift();
    if (settled !== undefined) return settled;
    while (this.#asking < this.#concurrency && this.#due.soonestMs() <= nowMs) {
      const id = this.#due.pop();
      const job = id === undefined ? undefined : this.#jobs.get(id);
      if (id === undefined || job === undefined || job.asking) continue;
      const waitedMs = nowMs - job.sinceMs;
      if (waitedMs >= this.#policy.deadlineMs) {
        this.#jobs.delete(id);
        return { type: "settle", id, end: { kind: "late", waitedMs, status: job.status } };
      }
      job.asking = true;
      this.#asking += 1;
      return { type: "ask", id };
    }
    return undefined;
  }

  /** When `poll` may have something to say; `undefined` while only an answer can change that. */
  nextTimeout(): number | undefined {
    if (this.#settled.length > 0) return 0;
    if (this.#asking >= this.#concurrency) return undefined;
    // What was removed leaves its time behind; nobody is to wake up for that.
    for (let name = this.#due.soonest(); name !== undefined; name = this.#due.soonest()) {
      if (this.#jobs.get(name)?.asking === false) break;
      this.#due.pop();
    }
    const soonest = this.#due.soonestMs();
    return soonest === Number.POSITIVE_INFINITY ? undefined : soonest;
  }

  #answered(id: string): Watched | undefined {
    const job = this.#jobs.get(id);
    if (job?.asking !== true) return undefined;
    job.asking = false;
    this.#asking -= 1;
    return job;
  }

  #settle(id: string, end: PollEnd): void {
    this.#jobs.delete(id);
    this.#settled.push({ type: "settle", id, end });
  }

  #again(nowMs: number, id: string, job: Watched, atLeastMs = 0): void {
    const wait = Math.min(atLeastMs, this.#policy.deadlineMs);
    this.#schedule(nowMs, id, job, Math.max(wait, this.#delay(nowMs, job)));
  }

  #schedule(nowMs: number, id: string, job: Watched, delayMs: number): void {
    // The deadline ends the wait on time, however far the next question is.
    this.#due.push(Math.min(nowMs + delayMs, job.sinceMs + this.#policy.deadlineMs), id);
  }

  #delay(nowMs: number, job: Watched): number {
    const waited = nowMs - job.submittedMs;
    return pollDelayMs(this.#policy, waited, job.expectedMs, job.failures, this.#random());
  }
}
