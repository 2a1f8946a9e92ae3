/** Submit and wait, without a ledger: for callers that keep the ids themselves. */
import { EverywordError } from "../errors.ts";
import { type BatchIds, readSubmitReply } from "./core/batch-reply.ts";
import { errorWithin, parseJson } from "../error-body.ts";
import { type CheckedFields, checkFields, type FileTask } from "./core/fields.ts";
import type { PollEnd } from "./core/poll-machine.ts";
import { DEFAULT_POLLING, type PollPolicy } from "./core/poll-schedule.ts";
import type { FileResult } from "./core/result.ts";
import { type Failure, judgeRefusal } from "./core/verdict.ts";
import { callerOf, type ReadOptions, readResult, taskPath } from "./file-caller.ts";
import { type Awaited, Poller, type Settled } from "./poller.ts";
import { type Answered, type Caller, type FilePost, routeUrl } from "./post-file.ts";
import type { PrepareOptions } from "./prepare-upload.ts";
import {
  prepareFor,
  retrying,
  tryUpload,
  type UploadHooks,
  type UploadOptions,
} from "./request-file.ts";
import type { FileOptions } from "./transcribe-file.ts";
import type { Outcome } from "./with-retries.ts";

/** A file that may have been accepted, and nobody knows: the answer to its submit is lost (PROTOCOL §7.2). */
export class UnansweredError extends EverywordError {
  override readonly name = "UnansweredError";

  constructor(path: string, cause: unknown) {
    super(
      "network",
      `The answer to the submit of ${path} was lost, so it may have been accepted; submit it again (--on-ambiguous resubmit) only if it may be paid twice, or leave it (skip).`,
      { cause },
    );
  }
}

/** An accepted job. Keep all of it: both ids are needed to ask for the result (P29). */
export interface SubmittedJob extends BatchIds {
  /** The file, as it was named. */
  readonly path: string;
  /** What was asked of the service. */
  readonly task: FileTask;
  /** When it was accepted, in milliseconds since 1970. */
  readonly submittedMs: number;
}

/** Options of a request, and its task. */
export interface SubmitOptions extends FileOptions {
  /** Default `transcribe`. */
  readonly task?: FileTask | undefined;
}

/**
 * Submits one file as a batch job (PROTOCOL §7.1). It is tried again only while it surely was not
 * accepted.
 *
 * @throws UnansweredError when it may have been accepted and the answer is lost; else as `transcribeFile`.
 */
export async function submitJob(path: string, options: SubmitOptions): Promise<SubmittedJob> {
  const task = options.task ?? "transcribe";
  const caller = callerOf(options);
  const fields = checkFields(task, options, options.service.kind);
  const outcome = await submitFile(caller, path, fields, options);
  if (outcome.ok) return { ...outcome.value, path, task, submittedMs: caller.clock.nowMs() };
  const { error, maybeAccepted } = outcome.failure;
  throw maybeAccepted ? new UnansweredError(path, error) : error;
}

async function submitFile(
  caller: Caller,
  path: string,
  fields: CheckedFields,
  options: UploadOptions & PrepareOptions,
): Promise<Outcome<BatchIds>> {
  const prepared = await prepareFor(caller, path, options);
  try {
    const [piece] = prepared.pieces;
    if (piece !== undefined && prepared.pieces.length === 1) {
      const post = { path, piece, part: 1, parts: 1 };
      return await submitPiece(caller, post, fields, options);
    }
    throw new EverywordError(
      "unsupported",
      `${path} has to be cut to be sent, and one batch job is one part; submit it with a ledger, or transcribe it without batch.`,
    );
  } finally {
    await prepared.dispose();
  }
}

/** The submit itself: of a file, or of one part of it. */
export async function submitPiece(
  caller: Caller,
  upload: Pick<FilePost, "path" | "piece" | "part" | "parts">,
  fields: CheckedFields,
  options: UploadOptions,
  hooks: UploadHooks = {},
): Promise<Outcome<BatchIds>> {
  const endpointId = fields.model === "whisper-v3-turbo" ? "audio-turbo" : "audio-prod";
  const route = routeUrl(caller.service.batch, taskPath(fields.task));
  const url = `${route}?endpoint_id=${endpointId}`;
  return retrying<BatchIds>(
    caller,
    options,
    async (attempt) => {
      const post = { ...upload, url, form: fields.form, attempt };
      const posted = await tryUpload(caller, post, options, hooks);
      if (!posted.ok) return posted;
      const ids = readSubmitReply(posted.value.answer.text, endpointId);
      if (ids !== undefined) return { ok: true, value: ids };
      return { ok: false, failure: noJob(posted.value, upload.path) };
    },
    (failure) => !failure.maybeAccepted,
  );
}

/** A success without ids: an error after all (U18), or a job that nobody can ask for. */
function noJob({ answer, host, key }: Answered, path: string): Failure {
  const said = errorWithin(parseJson(answer.text), key);
  if (said !== undefined) {
    const message = `${host} did not take ${path}: “${said}”; change what it names and try again.`;
    return { error: new EverywordError("server", message), retry: "never", maybeAccepted: false };
  }
  const message = `${host} accepted ${path} and its answer names no job; check the server's address.`;
  const error = new EverywordError("protocol", message);
  return { error, retry: "never", maybeAccepted: answer.bodySent };
}

/** Options of a request, and how its job is polled. */
export interface WaitOptions extends SubmitOptions {
  /** How often, and for how long at most. */
  readonly polling?: Partial<PollPolicy> | undefined;
}

/**
 * Waits until a job is done and reads its result (PROTOCOL §7.2). Polls less often the longer it
 * takes; survives 429, 5xx and network failures until the deadline (PEERS 17).
 *
 * @param options the same as for the submit: they say how the result is to be read.
 * @throws EverywordError `server` when the service gave the job up, or the code of the refusal that it
 * names, such as `input-unreadable`; `timed-out` at the deadline (the job goes on: wait again); the
 * signal's reason.
 */
export async function waitForJob(job: SubmittedJob, options: WaitOptions): Promise<FileResult> {
  const fields = checkFields(job.task, options, options.service.kind);
  const poller = new Poller(callerOf(options), { ...DEFAULT_POLLING, ...options.polling });
  const awaited: Awaited = { ids: job, submittedMs: job.submittedMs, subject: job.path };
  try {
    const settled = await poller.wait(awaited, options.signal);
    return resultOf(settled, job.path, fields, options);
  } finally {
    poller.close();
  }
}

/** @throws EverywordError for every end but `completed`, and for an error in its body (B8). */
export function resultOf(
  settled: Settled,
  path: string,
  fields: CheckedFields,
  options: ReadOptions,
): FileResult {
  const { end, answered } = settled;
  if (end.kind !== "completed" || answered === undefined) throw endError(end, path);
  const headers = { ...answered.answer.headers, "content-type": end.contentType };
  const answer = { ...answered.answer, headers, text: end.body };
  const read = readResult({ ...answered, answer }, fields, options);
  if (read.ok) return read.value;
  throw read.failure.error;
}

function endError(end: PollEnd, path: string): EverywordError {
  if (end.kind === "stopped") return end.failure.error;
  if (end.kind === "unknown") {
    return new EverywordError(
      "server",
      `The service does not know the job of ${path} any more; its result may have expired, submit it again.`,
      { cause: end.failure.error, status: 404 },
    );
  }
  if (end.kind === "late") {
    const waited = Math.round(end.waitedMs / 1000);
    return new EverywordError(
      "timed-out",
      `The job of ${path} was not done after ${waited} s (${end.status ?? "no status"}); it goes on, wait for it again.`,
    );
  }
  if (end.kind === "failed") {
    const why = end.message === "" ? "no reason given" : end.message;
    const refusal = judgeRefusal(end.refusal, end.message);
    if (refusal !== undefined) {
      return new EverywordError(
        refusal.code,
        `The service gave the job of ${path} up (${end.status}): “${why}”; ${refusal.advice}.`,
        { status: end.refusal },
      );
    }
    return new EverywordError(
      "server",
      `The service gave the job of ${path} up (${end.status}): “${why}”; submit it again.`,
    );
  }
  return new EverywordError("protocol", `The job of ${path} has no answer; wait for it again.`);
}
