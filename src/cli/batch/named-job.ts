/** The job that somebody names: by its id or the beginning of it, its batch id, or its file. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Job } from "../../batch/core/job.ts";
import { hashFile } from "../../batch/file-key.ts";
import { findJob, listJobs } from "../../batch/jobs.ts";
import { EverywordError } from "../../errors.ts";
import type { Io } from "../io.ts";

/**
 * A file is named as it is seen from here, the ledger has it from the root. A job is known by content:
 * one file of several with the same names it too, whichever of them was sent, and then stands in the
 * job as its path.
 *
 * @throws EverywordError `usage`.
 */
export async function namedJob(ledger: string, name: string, io: Io): Promise<Job> {
  const path = resolve(io.cwd, name);
  const jobs = await listJobs(ledger);
  const named = jobs.filter((job) => job.facts.path === path);
  const others = jobs.filter((job) => job.facts.path !== path);
  const found = [...named, ...(await jobsOfContent(others, path, io.abort))];
  const [job] = found;
  if (job === undefined) return findJob(ledger, name);
  if (found.length === 1) return { ...job, facts: { ...job.facts, path } };
  const message = `${found.length} jobs fit ${path}; name one by its id from batch list.`;
  throw new EverywordError("usage", message);
}

/** Those of this very content; its size is looked at first, which spares most files the reading. */
async function jobsOfContent(
  jobs: readonly Job[],
  path: string,
  signal: AbortSignal,
): Promise<readonly Job[]> {
  const found = await stat(path).catch(() => undefined);
  const alike = jobs.filter(({ facts }) => facts.bytes === found?.size);
  if (found?.isFile() !== true || alike.length === 0) return [];
  const { sha256 } = await hashFile(path, signal);
  return alike.filter(({ facts }) => facts.sha256 === sha256);
}
