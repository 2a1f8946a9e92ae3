/** Looking after the jobs of a ledger. */
import { EverywordError } from "../errors.ts";
import { fieldsOfForm } from "./core/form-fields.ts";
import type { Job } from "./core/job.ts";
import type { FileResult } from "./core/result.ts";
import type { ReadOptions } from "./file-caller.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { storedResult } from "./stored-result.ts";

/** Every job, one a file, in the order in which they were begun. @param ledger the directory. */
export function listJobs(ledger: string): Promise<Job[]> {
  return within(ledger, async (opened) => wholes(await opened.list()));
}

/**
 * One job by its id, the beginning of it (at least 4 characters, if only one fits), its batch id or
 * its path.
 *
 * @throws EverywordError `usage` when none or several fit.
 */
export function findJob(ledger: string, name: string): Promise<Job> {
  return within(ledger, (opened) => pick(opened, name));
}

/**
 * Gives a job up: no run goes on with it until its file is run again. The service is not told, it
 * has no way to be (PROTOCOL §7.2); what was accepted may still be charged. A job that is done can be
 * given up when its stored result is lost.
 *
 * @throws EverywordError `usage` when it is done or another process works on it.
 */
export function cancelJob(ledger: string, name: string): Promise<Job> {
  return within(ledger, async (opened) => {
    const job = await pick(opened, name);
    if (job.status === "cancelled") return job;
    if (job.status === "done" && (await opened.hasResult(job.id))) {
      throw new EverywordError("usage", `The job ${job.id} is done; there is nothing to cancel.`);
    }
    const claim = await opened.claim(job.id);
    if (claim === undefined) {
      throw new EverywordError(
        "usage",
        `Another process works on the job ${job.id}; stop that process first.`,
      );
    }
    const cancelled = await opened.step(claim, "cancelled", { ids: job.ids });
    await opened.release(claim);
    return cancelled;
  });
}

/**
 * The stored result of a job.
 *
 * @throws EverywordError `usage` when it is not done; `input-unreadable` when it is done and the result
 * is lost: `waitForJobs` fetches it again.
 */
export function jobResult(
  ledger: string,
  name: string,
  options: ReadOptions = {},
): Promise<FileResult> {
  return within(ledger, async (opened) => {
    const job = await pick(opened, name);
    if (job.status !== "done") throw notDone(job);
    const { form } = await opened.readResult(job.id);
    return storedResult(opened, job.id, fieldsOfForm(form, job.facts.task), options);
  });
}

function notDone({ id, status, message }: Job): EverywordError {
  const advice = status === "submitted" ? "wait for it first" : "submit its file again";
  // Why it failed was told with what to do about it.
  const why = message === undefined ? `; ${advice}.` : `: ${message}`;
  return new EverywordError("usage", `The job ${id} is ${status}${why}`);
}

/** One job a file: parts are told by the job of their whole. */
function wholes(jobs: readonly Job[]): Job[] {
  const done = new Set(jobs.flatMap(({ id, status }) => (status === "done" ? [id] : [])));
  return jobs
    .filter(({ facts }) => facts.partOf === undefined)
    .map((job) => {
      const { parts } = job;
      if (parts === undefined) return job;
      return { ...job, partsDone: parts.filter(({ id }) => done.has(id)).length };
    });
}

async function pick(ledger: Ledger, name: string): Promise<Job> {
  const jobs = await ledger.list();
  const all = wholes(jobs);
  const whole = jobs.find((job) => job.ids?.batchId === name)?.facts.partOf;
  const exact = all.filter(
    (job) =>
      job.id === name || job.id === whole || job.ids?.batchId === name || job.facts.path === name,
  );
  const found = exact.length > 0 ? exact : all.filter((job) => isStart(job.id, name));
  const [job] = found;
  if (job !== undefined && found.length === 1) return job;
  const many = found.length > 1;
  throw new EverywordError(
    "usage",
    many
      ? `${found.length} jobs fit ${name}; name one by its id from batch list.`
      : `No job in ${ledger.directory} fits ${name}; list the jobs to see their ids.`,
  );
}

function isStart(id: string, name: string): boolean {
  return name.length >= 4 && id.startsWith(name);
}

async function within<Value>(
  directory: string,
  work: (ledger: Ledger) => Promise<Value>,
): Promise<Value> {
  const ledger = await openLedger(directory);
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}
