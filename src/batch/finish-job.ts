/** From an accepted job, or an answer, to a stored result. */
import { EverywordError } from "../errors.ts";
import { mustFind } from "./claimed-job.ts";
import type { Job } from "./core/job.ts";
import type { PollEnd } from "./core/poll-machine.ts";
import type { FileResult } from "./core/result.ts";
import type { Claim } from "./ledger.ts";
import type { Answered } from "./post-file.ts";
import type { RunContext } from "./run-context.ts";
import { mustBeAt } from "./lost-result.ts";
import { resultOf } from "./submit-job.ts";

/**
 * Polls until the job ends. False: the service gave it up, that is written down, and it is worth
 * another submit.
 *
 * @throws EverywordError for every other end; the signal's reason.
 */
export async function awaitJob(context: RunContext, claim: Claim, job: Job): Promise<boolean> {
  const { caller, ledger, fields, options, turnaround } = context;
  const { ids } = job;
  if (ids === undefined)
    throw new TypeError("Cannot wait for a job: its ids must be known, got none");
  mustBeAt(caller.service, job);
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
    // What was done and lost is paid already: only the user can say that it may be paid again.
    if (job.status !== "done" && isWorthAnother(end, error)) return false;
    throw error;
  }
  turnaround.handleDone(bytes, caller.clock.nowMs() - submittedMs);
  if (end.kind === "completed") {
    await finish(context, claim, end.body, end.contentType, result);
  }
  return true;
}

/** The service failed (B9), or says so in the result (B8); not: it forgot the job (B14), or dislikes the file. */
function isWorthAnother({ kind }: PollEnd, { code }: EverywordError): boolean {
  return (kind === "failed" || kind === "completed") && (code === "server" || code === "protocol");
}

/** The result first, then that it is there: after a crash in between it is fetched again. */
export async function finish(
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

export function contentTypeOf({ answer }: Answered): string | undefined {
  const value = answer.headers["content-type"];
  return typeof value === "string" ? value : undefined;
}
