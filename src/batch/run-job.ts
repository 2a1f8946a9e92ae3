/**
 * One file through the ledger: known by its content, claimed, brought from whatever status it was
 * left in to a stored result. Every step is on the disk before the next one is taken, so that a
 * process which is killed anywhere leaves a job that the next one can go on with.
 */
import { EverywordError } from "../errors.ts";
import { claimed, mustFind, withJob } from "./claimed-job.ts";
import { type Job } from "./core/job.ts";
import type { BatchIds } from "./core/batch-reply.ts";
import { awaitJob, contentTypeOf, finish } from "./finish-job.ts";
import { forgetLost, stepOf } from "./lost-result.ts";
import { awaitParts, keptParts, submitMissing, submitParts } from "./job-parts.ts";
import type { Claim, Ledger } from "./ledger.ts";
import { prepareFor, requestFile } from "./request-file.ts";
import type { RunContext } from "./run-context.ts";
import { decide, hooksOf, submitClaimed } from "./submit-claimed.ts";
import { submitPiece } from "./submit-job.ts";
import type { Outcome } from "./with-retries.ts";

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
    const step = await stepOf(ledger, job);
    if (step === "nothing") return job;
    if (step === "poll") {
      // Given up, or its result was lost: from now on it is waited for.
      if (job.status === "submitted") return job;
      return ledger.step(claim, "submitted", { ids: job.ids });
    }
    if (step === "ask") await decide(context, claim, job, path);
    await forgetLost(ledger, claim, job);
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
    const step = await stepOf(ledger, job);
    if (step === "nothing") return;
    if (step !== "poll") {
      if (job.status === "done") await ledger.readResult(id);
      throw new EverywordError("usage", `The job ${id} is ${job.status}; submit its file first.`);
    }
    if (job.status === "cancelled") await ledger.step(claim, "submitted", { ids: job.ids });
    if (!(await awaitWhole(context, claim, job))) throw await givenUp(ledger, id, job.facts.path);
  } finally {
    await ledger.release(claim);
  }
}

/** False: the service gave the job up, and that is written down. */
async function carryOn(
  context: RunContext,
  claim: Claim,
  job: Job,
  path: string,
): Promise<boolean> {
  switch (await stepOf(context.ledger, job)) {
    case "nothing":
      return true;
    case "poll": {
      const { ids } = job;
      // Taken up again after a cancel: from now on it is wanted.
      if (job.status === "cancelled") await context.ledger.step(claim, "submitted", { ids });
      return awaitWhole(context, claim, job);
    }
    case "ask":
      await decide(context, claim, job, path);
      break;
    case "submit":
      await forgetLost(context.ledger, claim, job);
      break;
  }
  // Parts that were accepted as jobs are not asked for again in another way.
  const begun = (await keptParts(context.ledger, job)) !== undefined;
  if (context.mode === "sync" && !begun) return request(context, claim, path);
  return awaitWhole(context, claim, await submit(context, claim, path));
}

function awaitWhole(context: RunContext, claim: Claim, job: Job): Promise<boolean> {
  const { parts } = job;
  return parts === undefined ? awaitJob(context, claim, job) : awaitParts(context, claim, parts);
}

/** As one job, or in parts if it is too large for one. */
async function submit(context: RunContext, claim: Claim, path: string): Promise<Job> {
  const { caller, ledger, fields, options } = context;
  const parts = await keptParts(ledger, await mustFind(ledger, claim.job));
  if (parts !== undefined) return submitMissing(context, claim, path, parts);
  const send = async (): Promise<Outcome<BatchIds> | Job> => {
    const prepared = await prepareFor(caller, path, options);
    try {
      const [piece] = prepared.pieces;
      if (piece === undefined || prepared.pieces.length > 1) {
        return await submitParts(context, claim, path, prepared.pieces);
      }
      const post = { path, piece, part: 1, parts: 1 };
      return await submitPiece(caller, post, fields, options, hooksOf(context, claim, path));
    } finally {
      await prepared.dispose();
    }
  };
  return submitClaimed(context, claim, path, () => context.upload(send, caller.signal));
}

/** The sync route: the answer is the result. */
async function request(context: RunContext, claim: Claim, path: string): Promise<boolean> {
  const { caller, ledger, fields, options } = context;
  const outcome = await context.upload(
    () => requestFile(caller, path, fields, options, hooksOf(context, claim, path)),
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

async function givenUp(ledger: Ledger, id: string, path: string): Promise<EverywordError> {
  const job = await ledger.find(id);
  const why = job?.message ?? `The service gave the job of ${path} up.`;
  return new EverywordError("server", why);
}
