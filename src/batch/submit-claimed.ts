/** The submit of a job that this process has claimed, with each step on the disk before it is taken. */
import { EverywordError, messageOf } from "../errors.ts";
import type { BatchIds } from "./core/batch-reply.ts";
import { mustFind } from "./claimed-job.ts";
import type { Job } from "./core/job.ts";
import type { Claim } from "./ledger.ts";
import type { UploadHooks } from "./request-file.ts";
import type { RunContext } from "./run-context.ts";
import { UnansweredError } from "./submit-job.ts";
import type { Outcome } from "./with-retries.ts";

/** What the ledger writes down around each try. */
export function hooksOf(context: RunContext, claim: Claim, path: string): Required<UploadHooks> {
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

/**
 * Sends until it is known whether the job was accepted.
 *
 * @param send one submit; or the job of the whole, once it went up in parts.
 * @throws EverywordError; UnansweredError as `decide`; what `send` throws.
 */
export async function submitClaimed(
  context: RunContext,
  claim: Claim,
  path: string,
  send: () => Promise<Outcome<BatchIds> | Job>,
): Promise<Job> {
  const { ledger } = context;
  for (;;) {
    const outcome = await send();
    if ("status" in outcome) return outcome;
    if (outcome.ok) return noteAccepted(context, claim, path, outcome.value);
    const { error, maybeAccepted } = outcome.failure;
    const details = { message: error.message, code: error.code };
    if (!maybeAccepted) {
      await ledger.step(claim, "failed", details);
      throw error;
    }
    await decide(context, claim, await ledger.step(claim, "unanswered", details), path);
  }
}

async function noteAccepted(
  { caller, ledger }: RunContext,
  claim: Claim,
  path: string,
  ids: BatchIds,
): Promise<Job> {
  try {
    return await ledger.step(claim, "submitted", { ids });
  } catch (cause) {
    const { host } = new URL(caller.service.batch);
    const job = `${ids.batchId} (account ${ids.accountId})`;
    throw new EverywordError(
      "input-unreadable",
      `${host} accepted ${path} as the job ${job}, and that could not be written down, so the next run will ask about it (--on-ambiguous): ${messageOf(cause)}`,
      { cause },
    );
  }
}

/**
 * Returns only when a job that may have been accepted is to be submitted again.
 *
 * @throws UnansweredError
 */
export async function decide(
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
