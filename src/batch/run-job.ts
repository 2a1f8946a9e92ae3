/**
 * One file through the ledger: known by its content, claimed, brought from whatever status it was
 * left in to a stored result. Every step is on the disk before the next one is taken, so that a
 * process which is killed anywhere leaves a job that the next one can go on with.
 */
import { EverywordError } from "../errors.ts";
import { errorBodyCode } from "./core/error-body.ts";
import type { CheckedFields } from "./core/fields.ts";
import { type Job, type JobFacts, type JobMode, nextStep } from "./core/job.ts";
import type { PollEnd } from "./core/poll-machine.ts";
import type { Turnaround } from "./core/poll-schedule.ts";
import type { FileResult } from "./core/result.ts";
import { syncBase } from "./file-caller.ts";
import { hashFile, jobId } from "./file-key.ts";
import type { Claim, Ledger } from "./ledger.ts";
import type { Poller } from "./poller.ts";
import type { Answered, Caller } from "./post-file.ts";
import { requestFile, type RequestOptions, type UploadHooks } from "./request-file.ts";
import { resultOf, submitFile, UnansweredError } from "./submit-job.ts";

/** What to do with a file that may have been accepted already. */
export type AmbiguousChoice = "resubmit" | "skip";

/** An answer for all files, a question for each, or `ask`: the file fails and says so. */
export type OnAmbiguous = "ask" | AmbiguousChoice | ((job: Job) => Promise<AmbiguousChoice>);

/** Runs work when its turn comes; rejects with the signal's reason when that fires before. */
export type Turn = <Value>(
  work: () => Promise<Value>,
  signal: AbortSignal | undefined,
) => Promise<Value>;

/** What all files of a run share. */
export interface RunContext {
  readonly caller: Caller;
  readonly ledger: Ledger;
  readonly poller: Poller;
  readonly turnaround: Turnaround;
  readonly fields: CheckedFields;
  readonly mode: JobMode;
  readonly options: RequestOptions;
  readonly onAmbiguous: OnAmbiguous;
  /** Runs an upload when the queue lets it. */
  readonly upload: Turn;
  /** Runs the reading of a file when the disk is free. */
  readonly hash: Turn;
}

/** Another process, or another path with the same content, has the job: look again after this. */
const BUSY_MS = 500;
/** A job that the service gave up is submitted again this often within a run (B9). */
const RESUBMITS = 1;

/**
 * @returns the job's id: its result is in the ledger.
 * @throws EverywordError; UnansweredError when it may have been accepted and `onAmbiguous` does not
 * say what to do, or says `skip`; the signal's reason.
 */
export async function runJob(context: RunContext, path: string): Promise<string> {
  return withJob(context, path, async (claim) => {
    for (let resubmits = 0; ; resubmits += 1) {
      const job = await mustFind(context.ledger, claim.job);
      if (await carryOn(context, claim, job, path)) return job.id;
      if (resubmits >= RESUBMITS) throw await givenUp(context.ledger, job.id, path);
    }
  });
}

/** Up to the submit: what is accepted already, or done, is left as it is. @throws as `runJob`. */
export async function submitOnce(context: RunContext, path: string): Promise<Job> {
  return withJob(context, path, async (claim) => {
    const { ledger } = context;
    const job = await mustFind(ledger, claim.job);
    const step = nextStep(job);
    if (step === "nothing") return job;
    if (step === "poll") {
      if (job.status !== "cancelled") return job;
      return ledger.step(claim, "submitted", { ids: job.ids });
    }
    if (step === "ask") await decide(context, claim, job, path);
    return submit(context, claim, path);
  });
}

/** From the submit on, without the file. @throws EverywordError `usage` when it was never accepted. */
export async function resumeJob(context: RunContext, id: string): Promise<void> {
  const { ledger } = context;
  if ((await ledger.find(id)) === undefined) {
    throw new EverywordError("usage", `The job ${id} is not in the ledger; submit its file first.`);
  }
  const claim = await claimed(context, id);
  try {
    const job = await mustFind(ledger, id);
    const step = nextStep(job);
    if (step === "nothing") return;
    if (step !== "poll") {
      throw new EverywordError("usage", `The job ${id} is ${job.status}; submit its file first.`);
    }
    if (job.status === "cancelled") await ledger.step(claim, "submitted", { ids: job.ids });
    if (!(await awaitJob(context, claim, job))) throw await givenUp(ledger, id, job.facts.path);
  } finally {
    await ledger.release(claim);
  }
}

/** Knows the file by its content, claims its job, and sees to it that the ledger has it. */
async function withJob<Value>(
  context: RunContext,
  path: string,
  work: (claim: Claim) => Promise<Value>,
): Promise<Value> {
  const { caller, ledger, fields, mode } = context;
  const content = await context.hash(() => hashFile(path, caller.signal), caller.signal);
  const id = jobId(content, fields, caller.service);
  const claim = await claimed(context, id);
  try {
    if ((await ledger.find(id)) === undefined) {
      const { host } = new URL(
        mode === "sync" ? syncBase(caller.service, fields) : caller.service.batch,
      );
      const facts: JobFacts = { path, ...content, task: fields.task, mode, host };
      await ledger.step(claim, "prepared", { facts });
    }
    return await work(claim);
  } finally {
    await ledger.release(claim);
  }
}

async function claimed({ caller, ledger }: RunContext, id: string): Promise<Claim> {
  for (;;) {
    caller.signal?.throwIfAborted();
    const claim = await ledger.claim(id);
    if (claim !== undefined) return claim;
    await caller.clock.sleep(BUSY_MS, caller.signal);
  }
}

/** False: the service gave the job up, and that is written down. */
async function carryOn(
  context: RunContext,
  claim: Claim,
  job: Job,
  path: string,
): Promise<boolean> {
  switch (nextStep(job)) {
    case "nothing":
      return true;
    case "poll": {
      const { ids } = job;
      // Taken up again after a cancel: from now on it is wanted.
      if (job.status === "cancelled") await context.ledger.step(claim, "submitted", { ids });
      return awaitJob(context, claim, job);
    }
    case "ask":
      await decide(context, claim, job, path);
      break;
    case "submit":
      break;
  }
  if (context.mode === "sync") return request(context, claim, path);
  return awaitJob(context, claim, await submit(context, claim, path));
}

/** Returns only when it is to be submitted again. */
async function decide(
  { ledger, onAmbiguous }: RunContext,
  claim: Claim,
  job: Job,
  path: string,
): Promise<void> {
  const lost = new UnansweredError(path, job.message);
  if (job.status === "committing") {
    await ledger.step(claim, "unanswered", { message: "the process ended before the answer" });
  }
  const choice = typeof onAmbiguous === "function" ? await onAmbiguous(job) : onAmbiguous;
  if (choice === "resubmit") return;
  if (choice === "skip" && job.status !== "skipped") await ledger.step(claim, "skipped");
  throw lost;
}

function hooks(context: RunContext, claim: Claim, path: string): Required<UploadHooks> {
  const { ledger, mode } = context;
  return {
    beforeUpload: async () => {
      const { facts } = await mustFind(ledger, claim.job);
      // The same content may have another name by now, and go another way than last time.
      await ledger.step(claim, "submitting", { facts: { ...facts, path, mode } });
    },
    beforeLast: () => ledger.step(claim, "committing"),
  };
}

async function submit(context: RunContext, claim: Claim, path: string): Promise<Job> {
  const { caller, ledger, fields, options } = context;
  const outcome = await context.upload(
    () => submitFile(caller, path, fields, options, hooks(context, claim, path)),
    caller.signal,
  );
  if (outcome.ok) return ledger.step(claim, "submitted", { ids: outcome.value });
  const { error, maybeAccepted } = outcome.failure;
  const details = { message: error.message, code: error.code };
  if (!maybeAccepted) {
    await ledger.step(claim, "failed", details);
    throw error;
  }
  const job = await ledger.step(claim, "unanswered", details);
  await decide(context, claim, job, path);
  return submit(context, claim, path);
}

/** The sync route: the answer is the result. */
async function request(context: RunContext, claim: Claim, path: string): Promise<boolean> {
  const { caller, ledger, fields, options } = context;
  const outcome = await context.upload(
    () => requestFile(caller, path, fields, options, hooks(context, claim, path)),
    caller.signal,
  );
  if (outcome.ok) {
    const { result, answered } = outcome.value;
    const contentType = contentTypeOf(answered);
    await finish(context, claim, answered.answer.text, contentType, result);
    return true;
  }
  const { error } = outcome.failure;
  await ledger.step(claim, "failed", { message: error.message, code: error.code });
  throw error;
}

async function awaitJob(context: RunContext, claim: Claim, job: Job): Promise<boolean> {
  const { caller, ledger, fields, options, turnaround } = context;
  const { ids } = job;
  if (ids === undefined)
    throw new TypeError("Cannot wait for a job: its ids must be known, got none");
  const { bytes, path } = job.facts;
  const submittedMs = job.submittedMs ?? job.updatedMs;
  const expectedMs = turnaround.expectedMs(bytes);
  const awaited = { ids, submittedMs, expectedMs, subject: path };
  const settled = await context.poller.wait(awaited, caller.signal);
  const { end } = settled;
  let result: FileResult;
  try {
    result = resultOf(settled, path, fields, options);
  } catch (error) {
    // Stopped or late: the job goes on, and the next run waits for it.
    if (!(error instanceof EverywordError) || end.kind === "stopped" || end.kind === "late") {
      throw error;
    }
    await ledger.step(claim, "failed", { message: error.message, code: error.code });
    if (isWorthAnother(end)) return false;
    throw error;
  }
  turnaround.handleDone(bytes, caller.clock.nowMs() - submittedMs);
  if (end.kind === "completed") {
    await finish(context, claim, end.body, end.contentType, result);
  }
  return true;
}

/** The service failed (B9), or says so in the result (B8); not: it forgot the job (B14), or dislikes the file. */
function isWorthAnother(end: PollEnd): boolean {
  if (end.kind === "failed") return true;
  return end.kind === "completed" && (errorBodyCode(end.body) ?? "") !== "invalid_request_error";
}

async function finish(
  context: RunContext,
  claim: Claim,
  body: string,
  contentType: string | undefined,
  { requestId, warnings }: FileResult,
): Promise<void> {
  const { caller, ledger, fields } = context;
  const job = await mustFind(ledger, claim.job);
  const { facts, ids, submittedMs } = job;
  const completedMs = caller.clock.nowMs();
  const stored = {
    facts,
    form: fields.form,
    ids,
    submittedMs,
    completedMs,
    contentType,
    requestId,
    warnings,
  };
  await ledger.storeResult(job.id, { format: 1, ...stored, body });
  await ledger.step(claim, "done");
}

function contentTypeOf({ answer }: Answered): string | undefined {
  const value = answer.headers["content-type"];
  return typeof value === "string" ? value : undefined;
}

async function mustFind(ledger: Ledger, id: string): Promise<Job> {
  const job = await ledger.find(id);
  if (job !== undefined) return job;
  throw new TypeError(`Cannot go on with the job ${id}: it must be in the ledger, got none`);
}

async function givenUp(ledger: Ledger, id: string, path: string): Promise<EverywordError> {
  const job = await ledger.find(id);
  const why = job?.message ?? `The service gave the job of ${path} up.`;
  return new EverywordError("server", why);
}
