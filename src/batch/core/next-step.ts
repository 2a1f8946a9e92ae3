/** What a job that was left behind needs next; the table in `job.ts` says why. */
import type { Job, JobStatus } from "./job.ts";

/** What a new run does about a job that no living process works on. */
export type NextStep = "submit" | "ask" | "poll" | "nothing";

export function nextStep(job: Job | undefined): NextStep {
  if (job === undefined) return "submit";
  if (job.parts !== undefined) return AFTER_A_CRASH_IN_PARTS[job.status] ?? "submit";
  const step = AFTER_A_CRASH[job.status];
  // One request leaves nothing behind that could be asked for: only repeating it helps.
  if (step === "ask" && job.facts.mode === "sync") return "submit";
  return step === "poll" && job.ids === undefined ? "submit" : step;
}

const AFTER_A_CRASH_IN_PARTS: Partial<Record<JobStatus, NextStep>> = {
  submitted: "poll",
  done: "nothing",
};

const AFTER_A_CRASH: Readonly<Record<JobStatus, NextStep>> = {
  prepared: "submit",
  submitting: "submit",
  committing: "ask",
  unanswered: "ask",
  submitted: "poll",
  done: "nothing",
  failed: "submit",
  skipped: "ask",
  cancelled: "poll",
};
