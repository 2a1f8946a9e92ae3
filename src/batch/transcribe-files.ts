/** Many files: a queue with bounds, each file on its own, results as they come. */
import PQueue from "p-queue";
import { EverywordError } from "../errors.ts";
import { type CheckedFields, checkFields } from "./core/fields.ts";
import type { JobMode } from "./core/job.ts";
import { defaultRates, RateLimiter, type RateLimits } from "./core/limiter.ts";
import { DEFAULT_POLLING, type PollPolicy, Turnaround } from "./core/poll-schedule.ts";
import type { FileResult } from "./core/result.ts";
import { callerOf } from "./file-caller.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { LimitedHttp, type MinutesOf } from "./limited-http.ts";
import { Poller } from "./poller.ts";
import type { Caller } from "./post-file.ts";
import { requestFile } from "./request-file.ts";
import { type OnAmbiguous, type RunContext, runJob, storedResult } from "./run-job.ts";
import type { SubmitOptions } from "./submit-job.ts";

export interface FilesOptions extends SubmitOptions {
  /** `sync` (default): one request a file. `batch`: submit and poll; needs `ledger`. */
  readonly mode?: JobMode | undefined;
  /** Directory of the job ledger: what is done is not done again, what was begun is gone on with. */
  readonly ledger?: string | undefined;
  /** Uploads at once. Default 4. */
  readonly uploads?: number | undefined;
  /**
   * Files begun and not yet handed to the caller. Default 1000 in `batch`, else `uploads` + 16.
   * Reached: no further path is taken from the list.
   */
  readonly openFiles?: number | undefined;
  /** Default: the documented ones for the model. */
  readonly rates?: Partial<RateLimits> | undefined;
  /** Default: from the header of WAV and FLAC, else by size. */
  readonly minutesOf?: MinutesOf | undefined;
  readonly polling?: Partial<PollPolicy> | undefined;
  /** What to do with a file that may have been accepted already. Default `ask`: an `UnansweredError` for that file. */
  readonly onAmbiguous?: OnAmbiguous | undefined;
}

/** How one file ended. */
export type FileOutcome =
  | { readonly path: string; readonly ok: true; readonly result: FileResult }
  | { readonly path: string; readonly ok: false; readonly error: unknown };

interface Ended {
  readonly path: string;
  /** With a ledger the result waits on the disk, not in memory. */
  readonly read: () => Promise<FileResult>;
}

/**
 * Transcribes many files; outcomes come in the order in which files end. A file that fails harms
 * no other one. Leaving the loop ends the run; with a ledger the next run goes on with it.
 *
 * @throws TypeError | RangeError for options that contradict each other, before anything is sent.
 * @example
 * for await (const one of transcribeFiles(paths, { service, mode: "batch", ledger: ".jobs" })) {
 *   console.log(one.path, one.ok ? one.result.text : one.error);
 * }
 */
export function transcribeFiles(
  paths: Iterable<string> | AsyncIterable<string>,
  options: FilesOptions,
): FileRun {
  return new FileRun(paths, options);
}

/** A run of {@link transcribeFiles}. Begins with the first `next()`; can be iterated once. */
export class FileRun implements AsyncIterable<FileOutcome> {
  readonly #paths: Iterable<string> | AsyncIterable<string>;
  readonly #options: FilesOptions;
  readonly #fields: CheckedFields;
  readonly #caller: Caller;
  readonly #uploads: PQueue;
  /** Reading files for their hash is the disk's work: two at a time. */
  readonly #hashing = new PQueue({ concurrency: 2 });
  readonly #openFiles: number;
  readonly #stop = new AbortController();
  readonly #running = new Map<string, AbortController>();
  readonly #ended: Ended[] = [];
  #open = 0;
  #listEnded = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #waiting: (() => void)[] = [];
  #begun = false;

  /** Use {@link transcribeFiles}. */
  constructor(paths: Iterable<string> | AsyncIterable<string>, options: FilesOptions) {
    const { mode = "sync", uploads = 4 } = options;
    if (mode === "batch" && options.ledger === undefined) {
      throw new TypeError(
        "Cannot transcribe files: ledger must be a directory in batch mode, got none",
      );
    }
    this.#paths = paths;
    this.#options = options;
    this.#fields = checkFields(options.task ?? "transcribe", options, options.service.kind);
    this.#openFiles = options.openFiles ?? (mode === "batch" ? 1000 : uploads + 16);
    const counts = [
      ["uploads", uploads],
      ["openFiles", this.#openFiles],
    ] as const;
    for (const [name, value] of counts) {
      if (Number.isInteger(value) && value >= 1) continue;
      throw new RangeError(`Cannot transcribe files: ${name} must be 1 or more, got ${value}`);
    }
    this.#uploads = new PQueue({ concurrency: uploads });
    const caller = callerOf(options);
    const limiter = new RateLimiter({ ...defaultRates(this.#fields.model), ...options.rates });
    const http = new LimitedHttp(caller.http, limiter, caller.clock, options.minutesOf);
    this.#caller = { ...caller, http };
  }

  /** No further upload begins; running ones and waits go on. */
  pause(): void {
    this.#uploads.pause();
  }

  resume(): void {
    this.#uploads.start();
  }

  /** Gives up one file, or all; each ends with an error `usage`. What was accepted stays in the ledger. */
  cancel(path?: string): void {
    for (const [running, control] of this.#running) {
      if (path !== undefined && running !== path) continue;
      control.abort(
        new EverywordError("usage", `${running} was cancelled; run it again to go on.`),
      );
    }
    if (path === undefined) this.#stop.abort();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FileOutcome, void, undefined> {
    if (this.#begun) {
      throw new TypeError("Cannot iterate a run: it must be a new one, got one that has begun");
    }
    this.#begun = true;
    const { ledger: directory } = this.#options;
    const ledger =
      directory === undefined
        ? undefined
        : await openLedger(directory, () => this.#caller.clock.nowMs());
    const work = this.#takePaths(ledger);
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
      this.#stop.abort();
      this.#uploads.start();
      this.cancel();
      this.#wake();
      await work;
      while (this.#running.size > 0) await this.#change();
      await ledger?.close();
    }
  }

  async #takePaths(ledger: Ledger | undefined): Promise<void> {
    const context = ledger === undefined ? undefined : this.#context(ledger);
    try {
      for await (const path of this.#paths) {
        while (this.#open >= this.#openFiles && !this.#stop.signal.aborted) await this.#change();
        if (this.#stop.signal.aborted) break;
        this.#open += 1;
        void this.#run(path, context);
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#listEnded = true;
    this.#wake();
  }

  async #run(path: string, context: RunContext | undefined): Promise<void> {
    const control = new AbortController();
    const { signal } = this.#options;
    const stop = (): void => control.abort(signal?.reason);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener("abort", stop, { once: true });
    const name = this.#running.has(path) ? `${path} (${this.#open})` : path;
    this.#running.set(name, control);
    const caller = { ...this.#caller, signal: control.signal };
    let read: Ended["read"];
    try {
      if (context === undefined) {
        const result = await this.#request(caller, path);
        read = () => Promise.resolve(result);
      } else {
        const id = await runJob({ ...context, caller }, path);
        const { ledger } = context;
        read = () => storedResult(ledger, id, this.#fields, this.#options);
      }
    } catch (error) {
      read = () => Promise.reject(error);
    }
    signal?.removeEventListener("abort", stop);
    this.#running.delete(name);
    this.#ended.push({ path, read });
    this.#wake();
  }

  async #request(caller: Caller, path: string): Promise<FileResult> {
    const outcome = await this.#uploads.add(
      () => requestFile(caller, path, this.#fields, this.#options),
      { signal: caller.signal },
    );
    if (outcome.ok) return outcome.value.result;
    throw outcome.failure.error;
  }

  #context(ledger: Ledger): RunContext {
    const { polling, onAmbiguous = "ask", mode = "sync" } = this.#options;
    return {
      caller: this.#caller,
      ledger,
      poller: new Poller(this.#caller, { ...DEFAULT_POLLING, ...polling }),
      turnaround: new Turnaround(),
      fields: this.#fields,
      mode,
      options: this.#options,
      onAmbiguous,
      upload: (work, signal) => this.#uploads.add(work, { signal }),
      hash: (work, signal) => this.#hashing.add(work, { signal }),
    };
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

async function outcomeOf({ path, read }: Ended): Promise<FileOutcome> {
  try {
    return { path, ok: true, result: await read() };
  } catch (error) {
    return { path, ok: false, error };
  }
}
