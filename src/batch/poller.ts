/** Waits for submitted jobs, any number of them, on one schedule and one timer. */
import type { BatchIds } from "./core/batch-reply.ts";
import { readStatusReply } from "./core/batch-reply.ts";
import { type PollEnd, PollMachine } from "./core/poll-machine.ts";
import type { PollPolicy } from "./core/poll-schedule.ts";
import { type Answered, type Caller, getJson, routeUrl } from "./post-file.ts";

/** A job that was accepted. */
export interface Awaited {
  readonly ids: BatchIds;
  readonly submittedMs: number;
  /** The whole turnaround, as far as earlier files tell. */
  readonly expectedMs?: number | undefined;
  /** The file, for the words of an error. */
  readonly subject: string;
}

/** How the wait ended, and the answer that ended it. */
export interface Settled {
  readonly end: PollEnd;
  readonly answered: Answered | undefined;
}

interface Waiter extends Awaited {
  readonly settle: (settled: Settled) => void;
  readonly fail: (reason: unknown) => void;
  answered: Answered | undefined;
}

interface Alarm {
  readonly atMs: number;
  readonly control: AbortController;
}

/** A status answer may carry a whole result; still it has to end. */
const ANSWER_MS = 600_000;

export class Poller {
  readonly #caller: Caller;
  readonly #machine: PollMachine;
  readonly #waiters = new Map<string, Waiter>();
  readonly #stop = new AbortController();
  #alarm: Alarm | undefined;
  #names = 0;

  /** @param concurrency questions at once. */
  constructor(caller: Caller, policy: PollPolicy, concurrency = 4) {
    this.#caller = {
      ...caller,
      signal: this.#stop.signal,
      limits: { ...caller.limits, responseMs: Math.min(caller.limits.responseMs, ANSWER_MS) },
    };
    this.#machine = new PollMachine(policy, () => caller.clock.random(), concurrency);
  }

  /** @throws the signal's reason; the job itself goes on. */
  wait(awaited: Awaited, signal?: AbortSignal): Promise<Settled> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    this.#names += 1;
    const name = String(this.#names);
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#forget(name);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", stop, { once: true });
      const done = (): void => signal?.removeEventListener("abort", stop);
      this.#waiters.set(name, {
        ...awaited,
        answered: undefined,
        settle: (settled) => {
          done();
          resolve(settled);
        },
        fail: (reason) => {
          done();
          reject(reason);
        },
      });
      this.#machine.add(this.#now(), name, awaited.submittedMs, awaited.expectedMs);
      this.#drain();
    });
  }

  /** Ends questions that are still on their way; nobody is to wait any more. Idempotent. */
  close(): void {
    this.#stop.abort();
    this.#alarm?.control.abort();
    this.#alarm = undefined;
  }

  #now(): number {
    return this.#caller.clock.nowMs();
  }

  #forget(name: string): void {
    this.#waiters.delete(name);
    this.#machine.remove(name);
    this.#drain();
  }

  #drain(): void {
    if (this.#stop.signal.aborted) return;
    for (;;) {
      const command = this.#machine.poll(this.#now());
      if (command === undefined) break;
      const waiter = this.#waiters.get(command.id);
      if (waiter === undefined) continue;
      if (command.type === "ask") void this.#ask(command.id, waiter);
      else {
        this.#waiters.delete(command.id);
        waiter.settle({ end: command.end, answered: waiter.answered });
      }
    }
    this.#arm();
  }

  async #ask(name: string, waiter: Waiter): Promise<void> {
    const { accountId, batchId } = waiter.ids;
    const path = `/v1/accounts/${encodeURIComponent(accountId)}/batch_job/${encodeURIComponent(batchId)}`;
    try {
      const url = routeUrl(this.#caller.service.batch, path);
      const outcome = await getJson(this.#caller, url, waiter.subject);
      if (outcome.ok) {
        waiter.answered = outcome.value;
        const news = readStatusReply(outcome.value.answer.text, outcome.value.key);
        this.#machine.handleNews(this.#now(), name, news);
      } else {
        this.#machine.handleFailure(this.#now(), name, outcome.failure);
      }
    } catch (error) {
      // A key function that throws, or a bug: the waiter hears of it.
      this.#waiters.delete(name);
      this.#machine.remove(name);
      waiter.fail(error);
    }
    this.#drain();
  }

  #arm(): void {
    const atMs = this.#machine.nextTimeout();
    if (atMs === undefined) {
      // Without anybody to wait for there is no timer that would keep the process alive.
      this.#alarm?.control.abort();
      this.#alarm = undefined;
      return;
    }
    if (this.#alarm !== undefined && this.#alarm.atMs <= atMs) return;
    this.#alarm?.control.abort();
    const alarm = { atMs, control: new AbortController() };
    this.#alarm = alarm;
    void this.#ring(alarm, Math.max(0, atMs - this.#now()));
  }

  async #ring(alarm: Alarm, delayMs: number): Promise<void> {
    try {
      await this.#caller.clock.sleep(delayMs, alarm.control.signal);
    } catch {
      return;
    }
    if (this.#alarm !== alarm) return;
    this.#alarm = undefined;
    this.#drain();
  }
}
