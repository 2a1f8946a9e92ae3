/** The job that somebody names: by its id or the beginning of it, its batch id, or its file. */
import { resolve } from "node:path";
import type { Job } from "../../batch/core/job.ts";
import { findJob, listJobs } from "../../batch/jobs.ts";
import type { Io } from "../io.ts";

/** A file is named as it is seen from here, the ledger has it from the root. @throws EverywordError `usage`. */
export async function namedJob(ledger: string, name: string, io: Io): Promise<Job> {
  const path = resolve(io.cwd, name);
  const isFile = (await listJobs(ledger)).some((job) => job.facts.path === path);
  return findJob(ledger, isFile ? path : name);
}
