/** Many pieces of work side by side: bounded, each on its own, outcomes as they come. */
import PQueue from "p-queue";
import { EverywordError } from "../errors.ts";
import type { Caller } from "./post-file.ts";
import type { Turn } from "./run-context.ts";

/** How one piece ended. */
export type FileOutcome<Value> =
  | { readonly path: string; readonly ok: true; readonly result: Value }
  | { readonly path: string; readonly ok: false; readonly error: unknown };

/** What a run does, opened with its first `next()` and closed with its end. */
export interface Work<Value> {
  /** @returns how to read the result, when it is handed over: it may wait on the disk. */
  readonly run: (path: string, caller: Caller) => Promise<() => Promise<Value>>;
  readonly close: () => Promise<void>;
}

export interface RunSetup<Value> {
  readonly paths: Iterable<string> | AsyncIterable<string>;
  readonly caller: Caller;
  /** Uploads at once. */
  readonly uploads: number;
  /** Pieces begun and not yet handed over. */
  readonly openFiles: number;
  readonly open: (turns: { readonly upload: Turn; readonly hash: Turn }) => Promise<Work<Value>>;
}

interface Ended<Value> {
  readonly path: string;
  readonly read: () => Promise<Value>;
}

/** Begins with the first `next()`; can be iterated once. Leaving the loop ends it. */
export class FileRun<Value> implements AsyncIterable<FileOutcome<Value>> {
  readonly #setup: RunSetup<Value>;
  readonly #uploads: PQueue;
  /** Reading files for their hash is the disk's work: two at a time. */
  readonly #hashing = new PQueue({ concurrency: 2 });
  readonly #stop = new AbortController();
  readonly #running = new Map<AbortController, string>();
  readonly #ended: Ended<Value>[] = [];
  readonly #waiting: (() => void)[] = [];
  #open = 0;
  #listEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #begun = false;

  /** @throws RangeError when a bound is not a whole number from 1. */
  constructor(setup: RunSetup<Value>) {
    for (const name of ["uploads", "openFiles"] as const) {
      const value = setup[name];
      if (Number.isInteger(value) && value >= 1) continue;
      throw new RangeError(`Cannot run files: ${name} must be a whole number from 1, got ${value}`);
    }
    this.#setup = setup;
    this.#uploads = new PQueue({ concurrency: setup.uploads });
  }

  /** One listener for all files: a signal warns of many. */
  readonly #onAbort = (): void => {
    for (const control of this.#running.keys()) control.abort(this.#setup.caller.signal?.reason);
  };

  /** No further upload begins; running ones and waits go on. */
  pause(): void {
    this.#uploads.pause();
  }

  /** Uploads begin again. */
  resume(): void {
    this.#uploads.start();
  }

  /** Gives up one file, or all; each ends with an error `usage`. What was accepted stays in the ledger. */
  cancel(path?: string): void {
    for (const [control, running] of this.#running) {
      if (path !== undefined && running !== path) continue;
      control.abort(
        new EverywordError("usage", `${running} was cancelled; run it again to go on.`),
      );
    }
    if (path !== undefined) return;
    this.#stop.abort();
    this.#wake();
  }

  /** Each file's outcome as it comes, not in the order of the list. */
  async *[Symbol.asyncIterator](): AsyncGenerator<FileOutcome<Value>, void, undefined> {
    if (this.#begun) {
      throw new TypeError("Cannot iterate a run: it must be a new one, got one that has begun");
    }
    this.#begun = true;
    const work = await this.#setup.open({
      upload: (task, signal) => this.#uploads.add(task, { signal }),
      hash: (task, signal) => this.#hashing.add(task, { signal }),
    });
    const { signal } = this.#setup.caller;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    const taking = this.#takePaths(work);
    try {
      for (;;) {
        const ended = this.#ended.shift();
        if (ended !== undefined) {
          yield await outcomeOf(ended);
          this.#open -= 1;
          this.#wake();
        } else if (this.#listEnded && this.#open === 0) {
          break;
        } else {
          await this.#change();
        }
      }
      if (this.#failure !== undefined) throw this.#failure.error;
    } finally {
      this.cancel();
      this.#uploads.start();
      signal?.removeEventListener("abort", this.#onAbort);
      await taking;
      while (this.#running.size > 0) await this.#change();
      await work.close();
    }
  }

  async #takePaths(work: Work<Value>): Promise<void> {
    try {
      for await (const path of this.#setup.paths) {
        while (this.#open >= this.#setup.openFiles && !this.#stop.signal.aborted) {
          await this.#change();
        }
        if (this.#stop.signal.aborted) break;
        this.#open += 1;
        void this.#run(path, work);
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#listEnded = true;
    this.#wake();
  }

  async #run(path: string, work: Work<Value>): Promise<void> {
    const control = new AbortController();
    const { caller } = this.#setup;
    if (caller.signal?.aborted === true) control.abort(caller.signal.reason);
    this.#running.set(control, path);
    let read: Ended<Value>["read"];
    try {
      read = await work.run(path, { ...caller, signal: control.signal });
    } catch (error) {
      read = () => Promise.reject(error);
    }
    this.#running.delete(control);
    this.#ended.push({ path, read });
    this.#wake();
  }

  /** Until anything happens: both sides wait here. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

async function outcomeOf<Value>({ path, read }: Ended<Value>): Promise<FileOutcome<Value>> {
  try {
    return { path, ok: true, result: await read() };
  } catch (error) {
    return { path, ok: false, error };
  }
}
