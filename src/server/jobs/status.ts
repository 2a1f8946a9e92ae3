/** What a poll is answered (PROTOCOL §7.2, B5–B14). */
import type { Faults } from "../faults/faults.ts";
import { errorBody, HttpError } from "../http-error.ts";
import { rateHeaders } from "../gateway.ts";
import type { Job } from "./job.ts";

/**
 * @param poll counts from 1.
 * @throws HttpError for the statuses of B11, B12 and B14.
 */
export async function statusAnswer(
  job: Job,
  poll: number,
  faults: Faults,
  nowMs: number,
  readResult: () => Promise<string>,
): Promise<Readonly<Record<string, unknown>>> {
  if (faults.has("B11") && poll === 1) throw new HttpError(404, `There is no batch job ${job.id}.`);
  const broken = faults.get("B12");
  if (broken !== undefined && poll <= broken.number("polls")) {
    const status = broken.number("status");
    const headers = status === 429 ? rateHeaders(1) : {};
    throw new HttpError(status, "A scenario fails this poll.", { headers });
  }
  const base = { batch_id: job.id, ...messageField(job, faults) };
  if (isProcessing(job, poll, faults, nowMs)) return { status: "processing", ...base };
  const lost = faults.get("B14");
  if (lost !== undefined && poll > lost.number("polls")) {
    throw new HttpError(404, `There is no batch job ${job.id}.`);
  }
  const failed = faults.get("B9");
  if (failed !== undefined) {
    const why = { [failed.text("key")]: "A scenario failed this job." };
    return {
      status: failed.variant === "unknown" ? "evaporated" : failed.variant,
      ...base,
      ...why,
    };
  }
  if (job.state === "failed") {
    return { status: "failed", ...base, message: job.message, ...errorField(job) };
  }
  const contentType = faults.has("B8") ? "application/json" : job.contentType;
  const type = faults.variant("B7") === "absent" ? {} : { content_type: contentType };
  const body = faults.has("B8")
    ? errorBody(500, "A scenario broke this result.", "1").text
    : await readResult();
  return { status: "completed", ...base, ...type, body };
}

/** The same error object that one request would have been refused with. */
function errorField({ refusal, message = "" }: Job): Readonly<Record<string, unknown>> {
  if (refusal === undefined) return {};
  return JSON.parse(errorBody(refusal.status, message, "1", refusal.code).text) as Record<
    string,
    unknown
  >;
}

function isProcessing(job: Job, poll: number, faults: Faults, nowMs: number): boolean {
  if (job.state === "queued" || faults.has("B13")) return true;
  const slow = faults.get("B5");
  if (slow === undefined) return false;
  return poll <= slow.number("polls") || nowMs < job.createdMs + slow.number("seconds") * 1000;
}

function messageField(job: Job, faults: Faults): { message?: string | null } {
  const variant = faults.variant("B6");
  if (variant === "absent") return {};
  return { message: variant === "string" ? `Job ${job.state}` : null };
}
