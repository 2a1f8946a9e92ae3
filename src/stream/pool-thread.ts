/** One thread of a session pool, seen from the thread that owns the pool. */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { CALL } from "./pool-messages.ts";
import type { PlaceReport, PoolBatch, PoolCall, PoolReport, PoolReports } from "./pool-messages.ts";
import { takePlace, type GiveBack } from "./places.ts";

/** Audio that is under way to the worker; beyond it writers are told to wait. */
const MOST_BYTES = 32 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;
/** Buffers that came back and are kept for the next batches. */
const KEPT_BUFFERS = 4;

/** What a session of the thread is told. */
export interface ThreadListener {
  onReport(report: PoolReport): void;
  /** The worker has taken in that much of what was written. */
  onTaken(bytes: number): void;
  /** There is room for audio again. */
  onRoom(): void;
  /** The thread is gone, and the session with it. */
  onDeath(cause: unknown): void;
}

/** From sources (tests) the compiled worker is the one in `dist`: Node 20 runs no TypeScript. */
function workerFile(moduleUrl: string): string {
  const isSource = moduleUrl.endsWith(".ts");
  const path = isSource ? "../../dist/stream/pool-worker.js" : "./pool-worker.js";
  return fileURLToPath(new URL(path, moduleUrl));
}

/**
 * What is written within one turn of the event loop travels as one message with one buffer. Always
 * true: steps, calls and audio are those since the last batch, in the order they came.
 */
export class PoolThread {
  readonly #worker: Worker;
  readonly #sessions = new Map<number, ThreadListener>();
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #steps: number[] = [];
  #calls: PoolCall[] = [];
  #audio = new Uint8Array(FIRST_BYTES);
  #filled = 0;
  #underWay = 0;
  /** The steps of the batches whose audio is under way, oldest first. */
  readonly #batches: (readonly number[])[] = [];
  /** What the thread holds of the places that the process has. */
  readonly #places = new Map<number, GiveBack>();
  #isScheduled = false;
  #cause: unknown;
  isDead = false;

  /** @param parts how many threads the pool has. */
  constructor(parts: number) {
    this.#worker = new Worker(workerFile(import.meta.url), { workerData: { parts }, execArgv: [] });
    this.#worker.unref();
    this.#worker.on("message", (message: PoolReports) => this.#take(message));
    this.#worker.on("error", (error) => {
      this.#cause = error;
    });
    this.#worker.on("exit", (code) => this.#died(code));
  }

  /** Sessions that have not ended. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** More audio is under way than the worker should have waiting. */
  get isFull(): boolean {
    return this.#underWay + this.#filled >= MOST_BYTES;
  }

  add(id: number, listener: ThreadListener): void {
    this.#sessions.set(id, listener);
    this.#worker.ref();
  }

  remove(id: number): void {
    this.#sessions.delete(id);
    if (this.#sessions.size === 0) this.#worker.unref();
  }

  /** Copies `pcm` behind what was written before. */
  write(id: number, pcm: Uint8Array): void {
    const end = this.#filled + pcm.length;
    if (end > this.#audio.length) this.#grow(end);
    this.#audio.set(pcm, this.#filled);
    this.#filled = end;
    this.#steps.push(id, pcm.length);
    this.#schedule();
  }

  call(id: number, call: PoolCall): void {
    this.#steps.push(id, CALL);
    this.#calls.push(call);
    this.#schedule();
  }

  /** Ends the thread, whatever it does. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #grow(bytes: number): void {
    const larger = new Uint8Array(Math.max(bytes, 2 * this.#audio.length));
    larger.set(this.#audio.subarray(0, this.#filled));
    this.#audio = larger;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    const hasAudio = this.#filled > 0;
    const audio = hasAudio ? this.#audio : new Uint8Array(0);
    const batch: PoolBatch = { steps: this.#steps, calls: this.#calls, audio };
    this.#worker.postMessage(batch, hasAudio ? [audio.buffer] : []);
    this.#steps = [];
    this.#calls = [];
    if (!hasAudio) return;
    this.#batches.push(batch.steps);
    this.#underWay += audio.length;
    this.#audio = this.#spare.pop() ?? new Uint8Array(audio.length);
    this.#filled = 0;
  }

  #take({ reports, audio }: PoolReports): void {
    const wasFull = this.isFull;
    // Who is told to wait must hear of it before he is told that there is room.
    for (const [id, report] of reports) {
      const isPlace = report.type === "take-place" || report.type === "give-back";
      if (isPlace) this.#count(id, report);
      else this.#sessions.get(id)?.onReport(report);
    }
    for (const bytes of audio) {
      this.#underWay -= bytes.length;
      if (this.#spare.length < KEPT_BUFFERS) this.#spare.push(bytes);
      this.#tellTaken(this.#batches.shift() ?? []);
    }
    if (!wasFull || this.isFull) return;
    for (const session of this.#sessions.values()) session.onRoom();
  }

  /** Sessions of this thread, of others and of none take their places here: one count. */
  #count(id: number, report: PlaceReport): void {
    const { place } = report;
    if (report.type === "give-back") {
      this.#places.get(place)?.();
      this.#places.delete(place);
      return;
    }
    const giveBack = takePlace(report.account, report.limit);
    if (giveBack !== undefined) this.#places.set(place, giveBack);
    this.call(id, { type: "place", place, isTaken: giveBack !== undefined });
  }

  #tellTaken(steps: readonly number[]): void {
    for (let at = 0; at < steps.length; at += 2) {
      const bytes = steps[at + 1] ?? CALL;
      if (bytes !== CALL) this.#sessions.get(steps[at] ?? 0)?.onTaken(bytes);
    }
  }

  #died(code: number): void {
    this.isDead = true;
    for (const giveBack of this.#places.values()) giveBack();
    this.#places.clear();
    const cause = this.#cause ?? new Error(`the thread ended with code ${code}`);
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) session.onDeath(cause);
  }
}
