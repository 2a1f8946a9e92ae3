/**
 * Runs queued jobs, oldest first. Leaves one place of the server's slots to sync requests where
 * there are two or more. A job is tried `MAX_ATTEMPTS` times at most over all restarts; one that
 * the recognizer has no room for waits `BUSY_MS` and costs no attempt.
 */
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../../errors.ts";
import type { ServerContext } from "../context.ts";
import { Faults } from "../faults/faults.ts";
import { recognizeFile } from "../files/recognize-file.ts";
import { renderResult } from "../files/render.ts";
import { HttpError } from "../http-error.ts";
import { failureOf, type Job } from "./job.ts";
import type { JobStore } from "./store.ts";

const MAX_ATTEMPTS = 3;
const BUSY_MS = 500;

export class JobRunner {
  readonly #store: JobStore;
  readonly #context: ServerContext;
  readonly #stop = new AbortController();
  readonly #queue: string[] = [];
  readonly #running = new Set<Promise<void>>();
  #draining = false;

  constructor(store: JobStore, context: ServerContext) {
    this.#store = store;
    this.#context = context;
    for (const job of store.jobs) if (job.state === "queued") this.#queue.push(job.id);
    this.#next();
  }

  add(id: string): void {
    this.#queue.push(id);
    this.#next();
  }

  /** Starts no job any more; waits for the running ones, then stops them: they stay queued on disk. */
  async close(boundMs: number): Promise<void> {
    this.#draining = true;
    const done = Promise.all(this.#running);
    if (boundMs > 0)
      await Promise.race([done, wait(boundMs, undefined, { signal: this.#stop.signal })]);
    this.#stop.abort(new Error("the server stops"));
    await done;
  }

  #next(): void {
    const places = Math.max(1, this.#context.limits.maxFiles - 1);
    while (!this.#draining && this.#running.size < places) {
      const id = this.#queue.shift();
      if (id === undefined) return;
      const run = this.#run(id)
        .catch((error: unknown) => {
          if (this.#stop.signal.aborted) return;
          this.#context.log("error", "job-broken", { job: id, why: messageOf(error) });
        })
        .finally(() => {
          this.#running.delete(run);
          this.#next();
        });
      this.#running.add(run);
    }
  }

  async #run(id: string): Promise<void> {
    const found = this.#store.get(id);
    if (found === undefined || found.state !== "queued") return;
    if (found.attempts >= MAX_ATTEMPTS) {
      const message = `The job was given up after ${MAX_ATTEMPTS} tries that never ended.`;
      await this.#end({ ...found, state: "failed", message });
      return;
    }
    const job = { ...found, attempts: found.attempts + 1 };
    await this.#store.save(job);
    try {
      await this.#transcribe(job);
    } catch (error) {
      this.#stop.signal.throwIfAborted();
      await this.#end({ ...job, state: "failed", ...failureOf(error) });
    }
  }

  async #transcribe(job: Job): Promise<void> {
    const faults = new Faults(this.#context.scenario, job.scenario, job.number);
    const { signal } = this.#stop;
    const result = await this.#context.slots.run(signal, () =>
      whileBusy(signal, () =>
        recognizeFile(
          this.#context.recognizer,
          this.#store.uploadPath(job.id),
          job.fileName,
          job.request,
          signal,
        ),
      ),
    );
    this.#context.metrics.audioFrames += Math.round(result.durationSeconds * 16_000);
    const { contentType, text } = renderResult(result, job.request, faults, job.id);
    await this.#store.saveResult(job.id, text);
    await this.#end({ ...job, state: "completed", contentType });
  }

  async #end(job: Job): Promise<void> {
    await this.#store.save({ ...job, finishedMs: Date.now() });
    await this.#store.dropUpload(job.id);
    this.#context.metrics.jobsFinished++;
    this.#context.log("info", "job-ended", { job: job.id, state: job.state });
  }
}

/** Again and again while the recognizer is full. */
async function whileBusy<Value>(signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 429) throw error;
      await wait(BUSY_MS, undefined, { signal });
    }
  }
}
