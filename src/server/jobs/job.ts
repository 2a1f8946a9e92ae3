/** A batch job as it lies on disk (PROTOCOL §7). Pure. */
import { messageOf } from "../../errors.ts";
import { HttpError } from "../http-error.ts";
import { parseScenario, type Scenario } from "../faults/scenario.ts";
import type { FileRequest } from "../files/fields.ts";

/**
 * `queued` until an end is written down: a job that was running when the process died is queued
 * still, and runs again; one that ended never does.
 */
export interface Job {
  readonly id: string;
  readonly account: string;
  readonly endpoint: string;
  readonly createdMs: number;
  readonly finishedMs?: number | undefined;
  readonly state: "queued" | "completed" | "failed";
  /** Runs that were begun; counted before each, so that a file that kills the process ends too. */
  readonly attempts: number;
  readonly request: FileRequest;
  readonly fileName: string;
  /** The submit's number and own scenario: they decide its behaviors to the end. */
  readonly number: number;
  readonly scenario: Scenario;
  readonly contentType?: string | undefined;
  readonly message?: string | undefined;
  /** What one request would have been refused with. */
  readonly refusal?: { readonly status: number; readonly code?: string | undefined } | undefined;
}

/** What a job says of the error that ended it. */
export function failureOf(error: unknown): Pick<Job, "message" | "refusal"> {
  const message = messageOf(error);
  if (!(error instanceof HttpError)) return { message };
  return { message, refusal: { status: error.status, code: error.code } };
}

/** A job from its file; `undefined` for anything else. */
export function parseJob(text: string): Job | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const job = value as Partial<Job>;
    const complete =
      typeof job.id === "string" &&
      typeof job.account === "string" &&
      typeof job.createdMs === "number" &&
      typeof job.attempts === "number" &&
      typeof job.request === "object" &&
      (job.state === "queued" || job.state === "completed" || job.state === "failed");
    if (!complete) return undefined;
    parseScenario(job.scenario ?? {});
    return job as Job;
  } catch {
    return undefined;
  }
}
