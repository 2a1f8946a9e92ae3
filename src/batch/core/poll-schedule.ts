/**
 * When to ask for a job. Asking is cheap for us and not for the service, waiting costs the user:
 * each wait is a fixed share of the time already waited, so the result is noticed at most that
 * share late, after a number of questions that grows with the logarithm of the time.
 */

export interface PollPolicy {
  /** Before the first question when nothing is known. Default 10 000 (PROTOCOL §7.2: as seen). */
  readonly firstMs: number;
  /** Never ask more often. Default 2 000. */
  readonly minMs: number;
  /** Never ask less often. Default 60 000. */
  readonly maxMs: number;
  /** Share of the time waited so far. Default 0.15. */
  readonly share: number;
  /** Each wait is scattered by this much to either side. Default 0.1. */
  readonly jitter: number;
  /** After this the wait ends; the job goes on. Default 86 400 000 (PROTOCOL §7.2: within 24 h). */
  readonly deadlineMs: number;
  /** So long after the submit a 404 means "not yet" (B11). Default 120 000. */
  readonly unknownGraceMs: number;
}

export const DEFAULT_POLLING: PollPolicy = {
  firstMs: 10_000,
  minMs: 2000,
  maxMs: 60_000,
  share: 0.15,
  jitter: 0.1,
  deadlineMs: 86_400_000,
  unknownGraceMs: 120_000,
};

/**
 * The next wait.
 *
 * @param waitedMs since the submit.
 * @param expectedMs the whole turnaround, as far as earlier files tell.
 * @param failures questions in a row that failed; each doubles the wait.
 * @param random in [0, 1).
 */
export function pollDelayMs(
  policy: PollPolicy,
  waitedMs: number,
  expectedMs: number | undefined,
  failures: number,
  random: number,
): number {
  const bounded = (delay: number): number => Math.min(policy.maxMs, Math.max(policy.minMs, delay));
  let delay: number;
  if (expectedMs !== undefined && waitedMs < expectedMs) {
    // Nothing is gained by asking long before the time that files of this size take.
    delay = Math.max(policy.minMs, Math.min(expectedMs - waitedMs, policy.maxMs * 5));
  } else if (waitedMs < policy.firstMs && expectedMs === undefined) {
    delay = Math.max(policy.minMs, policy.firstMs - waitedMs);
  } else {
    delay = bounded(waitedMs * policy.share);
  }
  if (failures > 0) delay = bounded(delay * 2 ** Math.min(failures, 10));
  return Math.round(delay * (1 + policy.jitter * (2 * random - 1)));
}

/** What earlier files took: the middle of the last 32, by size. */
export class Turnaround {
  readonly #msPerUnit: number[] = [];

  /** A job of this many bytes took so long from its submit. */
  handleDone(bytes: number, tookMs: number): void {
    this.#msPerUnit.push(tookMs / unitsOf(bytes));
    if (this.#msPerUnit.length > 32) this.#msPerUnit.shift();
  }

  /** `undefined` before three jobs are done. */
  expectedMs(bytes: number): number | undefined {
    if (this.#msPerUnit.length < 3) return undefined;
    const sorted = this.#msPerUnit.toSorted((left, right) => left - right);
    const middle = sorted[Math.floor(sorted.length / 2)];
    return middle === undefined ? undefined : middle * unitsOf(bytes);
  }
}

/** A fixed part stands for the queue in front of every job: the time is not all the file's. */
function unitsOf(bytes: number): number {
  return 1 + bytes / 1_000_000;
}
