/** Batch create, status and deletion (PROTOCOL §7, B1–B15). */
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { cutConnection, sendAnswer } from "../answer.ts";
import { accountOf, keyOfRequest } from "../auth.ts";
import type { ServerContext } from "../context.ts";
import { type Exchange, requireMethod } from "../exchange.ts";
import { Faults } from "../faults/faults.ts";
import { acceptFile, type AcceptedFile } from "../files/accept.ts";
import type { FileTask } from "../files/fields.ts";
import { rateHeaders } from "../gateway.ts";
import { HttpError } from "../http-error.ts";
import { failureOf, type Job } from "./job.ts";
import { JobRunner } from "./runner.ts";
import { statusAnswer } from "./status.ts";
import { JobStore } from "./store.ts";

const ENDPOINTS = ["audio-prod", "audio-turbo"];
const SWEEP_MS = 60_000;

export class BatchJobs {
  readonly #store: JobStore;
  readonly #runner: JobRunner;
  readonly #context: ServerContext;
  /** Polls so far; a restart begins anew. */
  readonly #polls = new Map<string, number>();
  readonly #sweeper: NodeJS.Timeout;

  private constructor(store: JobStore, context: ServerContext) {
    this.#store = store;
    this.#context = context;
    this.#runner = new JobRunner(store, context);
    this.#sweeper = setInterval(() => void this.#sweep(), SWEEP_MS);
    this.#sweeper.unref();
  }

  /** Opens the data directory, deletes what is past retention, and goes on with what is queued. */
  static async open(directory: string, context: ServerContext): Promise<BatchJobs> {
    const jobs = new BatchJobs(await JobStore.open(directory), context);
    await jobs.#sweep();
    return jobs;
  }

  /** `POST /v1/audio/…?endpoint_id=…` */
  async create(exchange: Exchange, task: FileTask): Promise<void> {
    const { faults, query } = exchange;
    const endpoint = query.get("endpoint_id") ?? "";
    if (faults.has("B2") && !ENDPOINTS.includes(endpoint)) {
      throw new HttpError(
        400,
        `endpoint_id must be one of ${ENDPOINTS.join(", ")}, got "${endpoint}".`,
      );
    }
    if (this.#store.size >= this.#context.limits.maxJobs) {
      throw new HttpError(429, "Too many jobs are stored; delete some.", {
        headers: rateHeaders(60),
      });
    }
    const job = await this.#accept(exchange, task, endpoint);
    this.#context.metrics.jobsSubmitted++;
    if (job.state === "queued") this.#runner.add(job.id);
    if (faults.variant("B15") === "lost") {
      cutConnection(exchange.request.socket);
      return;
    }
    const answer = {
      status: "submitted",
      batch_id: job.id,
      account_id: job.account,
      endpoint_id: endpoint,
      ...(faults.variant("B1") === "no-message"
        ? {}
        : { message: "Request submitted successfully" }),
    };
    await sendAnswer(exchange, "application/json", JSON.stringify(answer));
  }

  /** `GET` or `DELETE /v1/accounts/{account_id}/batch_job/{batch_id}` */
  async handleJob(exchange: Exchange, account: string, id: string): Promise<void> {
    const job = this.#find(exchange, account, id);
    if (exchange.request.method === "DELETE") {
      if (job.state === "queued") throw new HttpError(409, "The job has not ended yet.");
      this.#polls.delete(id);
      await this.#store.remove(id);
      await sendAnswer(exchange, "application/json", JSON.stringify({ deleted: true }));
      return;
    }
    requireMethod(exchange, "GET");
    const poll = (this.#polls.get(id) ?? 0) + 1;
    this.#polls.set(id, poll);
    const faults = new Faults(
      this.#context.scenario,
      { ...job.scenario, ...exchange.faults.own },
      job.number,
    );
    const answer = await statusAnswer(job, poll, faults, Date.now(), () =>
      this.#store.readResult(id),
    );
    await sendAnswer(exchange, "application/json", JSON.stringify(answer));
  }

  /** Lets running jobs end for at most `boundMs`; the others go on at the next start. */
  async close(boundMs: number): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#runner.close(boundMs);
    await this.#store.close();
  }

  #find(exchange: Exchange, account: string, id: string): Job {
    const job = this.#store.get(id);
    if (job === undefined) throw new HttpError(404, `There is no batch job ${id.slice(0, 80)}.`);
    const visitor = accountOf(keyOfRequest(exchange.request.headers, exchange.query));
    const isForeign =
      job.account !== account || (this.#context.isKnown !== undefined && visitor !== account);
    if (!isForeign) return job;
    if (exchange.faults.variant("B10") === "403") {
      throw new HttpError(403, "The job belongs to another account.");
    }
    throw new HttpError(404, `There is no batch job ${id}.`);
  }

  async #accept(exchange: Exchange, task: FileTask, endpoint: string): Promise<Job> {
    const path = this.#store.incomingPath();
    const faults = exchange.faults;
    try {
      const accepted = await acceptFile(exchange, this.#context, task, path).catch(
        (error: unknown) => lateError(error, faults),
      );
      const failed = accepted instanceof HttpError ? accepted : undefined;
      const file = accepted instanceof HttpError ? undefined : accepted;
      const job: Job = {
        id: randomUUID(),
        account: accountOf(keyOfRequest(exchange.request.headers, exchange.query)),
        endpoint,
        createdMs: Date.now(),
        state: failed === undefined ? "queued" : "failed",
        attempts: 0,
        request: file?.request ?? EMPTY_REQUEST,
        fileName: file?.file.name ?? "",
        number: faults.number,
        scenario: faults.own,
        ...(failed === undefined ? {} : { ...failureOf(failed), finishedMs: Date.now() }),
      };
      await this.#store.add(job, file === undefined ? undefined : path);
      return job;
    } finally {
      await rm(path, { force: true });
    }
  }

  /** Deletes jobs that ended more than the retention time ago. */
  async #sweep(): Promise<void> {
    const before = Date.now() - this.#context.limits.retentionMs;
    for (const job of this.#store.jobs) {
      if ((job.finishedMs ?? Number.POSITIVE_INFINITY) < before) {
        this.#polls.delete(job.id);
        await this.#store.remove(job.id);
      }
    }
  }
}

const EMPTY_REQUEST: Job["request"] = {
  task: "transcribe",
  format: "json",
  wordTimes: false,
  segmentTimes: true,
  diarize: false,
  ignored: [],
};

/** A wrong form becomes a failed job when a scenario asks for it (B4); else it is thrown on. */
function lateError(error: unknown, faults: Faults): AcceptedFile | HttpError {
  if (faults.variant("B4") === "job" && error instanceof HttpError && error.status === 400) {
    return error;
  }
  throw error;
}
