/** Sessions spread over threads: the way past one processor core. */
import { availableParallelism } from "node:os";
import { planSession, type SessionOptions } from "./options.ts";
import { PoolThread } from "./pool-thread.ts";
import { PooledSession } from "./pooled-session.ts";
import type { Session } from "./session-interface.ts";

/** How many threads. */
export interface SessionPoolOptions {
  /** Default one less than the processor's threads, at least 1; 1 to 64. */
  readonly workers?: number | undefined;
}

/** What belongs to one thread cannot be given to another. */
export type PooledSessionOptions = Omit<SessionOptions, "openSocket" | "onMetric" | "spill">;

/** Threads that carry sessions. */
export interface SessionPool {
  /**
   * Opens a session in the thread that has the fewest. It is used like any other; sockets,
   * encryption and text are the thread's work, and what is written in one turn of the event loop goes
   * there together. A function for `apiKey` is called in the caller's thread.
   *
   * When a thread dies its sessions end `failed`, code `network`; the next session opens a new one.
   *
   * @throws TypeError or RangeError for options that cannot be, or after `close`.
   */
  open(options: PooledSessionOptions): Session;
  /** Aborts what still runs, and ends the threads. */
  close(): Promise<void>;
}

const UNSHARED = ["openSocket", "onMetric", "spill"] as const;

/**
 * Opens a pool. A thread starts with its first session, keeps the process alive only while it has
 * sessions, and dials at its part of the process's rate.
 *
 * @throws RangeError when there cannot be that many threads.
 * @example
 * const pool = openSessionPool({ workers: 2 });
 * const session = pool.open({ service });
 * // … as with openSession
 * await pool.close();
 */
export function openSessionPool(options: SessionPoolOptions = {}): SessionPool {
  const workers = options.workers ?? Math.max(1, availableParallelism() - 1);
  if (!Number.isInteger(workers) || workers < 1 || workers > 64) {
    throw new RangeError(
      `Cannot open a pool: workers must be a whole number from 1 to 64, got ${String(workers)}`,
    );
  }
  return new ThreadedPool(workers);
}

/** Always true: no more threads than `#workers`, dead ones left out. */
class ThreadedPool implements SessionPool {
  readonly #workers: number;
  readonly #sessions = new Set<Session>();
  #threads: PoolThread[] = [];
  #lastId = 0;
  #isClosed = false;

  constructor(workers: number) {
    this.#workers = workers;
  }

  open(options: PooledSessionOptions): Session {
    if (this.#isClosed) throw new TypeError("Cannot open a session: the pool must not be closed");
    for (const name of UNSHARED) {
      if ((options as SessionOptions)[name] === undefined) continue;
      throw new TypeError(`Cannot open a session: ${name} must be left out in a pool`);
    }
    planSession(options);
    this.#lastId += 1;
    const session = new PooledSession(this.#lastId, this.#leastBusy(), options);
    this.#sessions.add(session);
    void session.outcome.then(() => this.#sessions.delete(session));
    return session;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const session of this.#sessions) session.abort();
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #leastBusy(): PoolThread {
    this.#threads = this.#threads.filter((thread) => !thread.isDead);
    let best: PoolThread | undefined;
    for (const thread of this.#threads) {
      if (best === undefined || thread.sessionCount < best.sessionCount) best = thread;
    }
    const isIdle = best !== undefined && best.sessionCount === 0;
    if (best !== undefined && (isIdle || this.#threads.length >= this.#workers)) return best;
    const thread = new PoolThread(this.#workers);
    this.#threads.push(thread);
    return thread;
  }
}
