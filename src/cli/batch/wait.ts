/** `everyword batch wait`: the results of accepted jobs, as caption files or text. */
import { listJobs } from "../../batch/jobs.ts";
import type { Job } from "../../batch/core/job.ts";
import { waitForJobs } from "../../batch/transcribe-files.ts";
import { write, type Io } from "../io.ts";
import type { Values } from "../parse.ts";
import { deliver } from "./deliver.ts";
import { ledgerPath } from "./ledger-path.ts";
import { namedJob } from "./named-job.ts";
import { batchSettings } from "./settings.ts";

export async function runWait(values: Values, names: readonly string[], io: Io): Promise<number> {
  const settings = await batchSettings(values, io);
  const jobs = await jobsToWaitFor(values, names, io);
  if (jobs.length === 0 && !values.flag("quiet")) {
    await write(
      io.stderr,
      "everyword: no job is waiting; everyword batch list shows all of them, " +
        "everyword batch result JOB prints one that is done\n",
    );
  }
  const expected = jobs.map((job) => ({ key: job.id, path: job.facts.path }));
  const begin = (ids: readonly string[]) => waitForJobs(ids, settings);
  return deliver(begin, expected, values, io, settings.ledger, stoppedLine);
}

function stoppedLine(): string {
  return "the jobs go on, the same command waits again";
}

/** Without names all that were accepted and are not done. */
async function jobsToWaitFor(values: Values, names: readonly string[], io: Io): Promise<Job[]> {
  const ledger = ledgerPath(values, io);
  if (names.length > 0) return Promise.all(names.map((name) => namedJob(ledger, name, io)));
  return (await listJobs(ledger)).filter((job) => job.status === "submitted");
}
