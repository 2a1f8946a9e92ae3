/** Jobs that are done and whose stored result is missing or damaged: it is fetched again by their ids. */
import { EverywordError } from "../errors.ts";
import type { Service } from "../service.ts";
import type { Job } from "./core/job.ts";
import { type NextStep, nextStep } from "./core/next-step.ts";
import type { Claim, Ledger } from "./ledger.ts";

/** As `nextStep`, and what a job needs whose result is lost. */
export async function stepOf(ledger: Ledger, job: Job): Promise<NextStep> {
  const step = nextStep(job);
  if (job.status !== "done" || (await ledger.hasResult(job.id))) return step;
  // One request leaves nothing behind that could be asked for.
  return job.ids === undefined && job.parts === undefined ? "submit" : "poll";
}

/** Nothing is submitted behind a result, so one that nobody can fetch again is given up before. */
export async function forgetLost(ledger: Ledger, claim: Claim, { status }: Job): Promise<void> {
  if (status === "done") await ledger.step(claim, "cancelled");
}

/**
 * Another service does not know the job, and its answer must not make a lost result one that is gone.
 *
 * @throws EverywordError `usage`
 */
export function mustBeAt(service: Service, { id, status, facts }: Job): void {
  if (status !== "done") return;
  const bases = [service.batch, ...Object.values(service.sync)];
  if (bases.some((base) => new URL(base).host === facts.host)) return;
  throw new EverywordError(
    "usage",
    `The result of the job ${id} is lost here, and it is ${facts.host} that has it; name that server with --server.`,
  );
}
