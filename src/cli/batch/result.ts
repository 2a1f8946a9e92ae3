/** `everyword batch result`: what was fetched, again; from the disk, and from the service only what is lost there. */
import type { Job } from "../../batch/core/job.ts";
import type { FileResult } from "../../batch/core/result.ts";
import { jobResult } from "../../batch/jobs.ts";
import { MissingResultError } from "../../batch/result-store.ts";
import { waitForJobs } from "../../batch/transcribe-files.ts";
import { EverywordError } from "../../errors.ts";
import { findService } from "../../open-service.ts";
import { captionOptionsFrom } from "../caption-options.ts";
import { extensionOf } from "../formats.ts";
import { write, type Io } from "../io.ts";
import { outputWishes } from "../output-options.ts";
import { type OutputWishes, planOutputs } from "../output-plan.ts";
import type { Values } from "../parse.ts";
import { printable } from "../printable.ts";
import { serviceOptions } from "../service-options.ts";
import { doneLine, output } from "./deliver.ts";
import { ledgerPath } from "./ledger-path.ts";
import { namedJob } from "./named-job.ts";
import { batchSettings } from "./settings.ts";

export async function runResult(values: Values, names: readonly string[], io: Io): Promise<number> {
  if (names.length === 0) {
    throw new EverywordError("usage", "batch result needs a job; everyword batch list names them.");
  }
  const ledger = ledgerPath(values, io);
  // Two names may be of one job; two files of the same content have a result each.
  const jobs = new Map<string, Job>();
  for (const name of names) {
    const job = await namedJob(ledger, name, io);
    jobs.set(`${job.id} ${job.facts.path}`, job);
  }
  const paths = [...jobs.values()].map((job) => job.facts.path);
  const plans = planOutputs(paths, resultWishes(values, jobs.size));
  const captions = captionOptionsFrom(values);
  for (const [index, { id, facts }] of [...jobs.values()].entries()) {
    const result = await jobResult(ledger, id).catch((error: unknown) =>
      fetchAgain(error, id, values, io),
    );
    const written = await output(result, plans[index]?.outputs ?? [], captions, io);
    if (written.length > 0 && !values.flag("quiet")) {
      await write(io.stderr, doneLine(printable(facts.path), written));
    }
  }
  return 0;
}

/** Somebody looks on: not as long as for a job that may still be running. */
const POLLING = { maxMs: 5000, deadlineMs: 120_000 };

/** @throws the error for everything but a lost result, and where no service is named. */
async function fetchAgain(error: unknown, id: string, values: Values, io: Io): Promise<FileResult> {
  if (!(error instanceof MissingResultError)) throw error;
  if ((await findService(serviceOptions(values, io))) === undefined) throw error;
  const settings = { ...(await batchSettings(values, io)), polling: POLLING };
  for await (const outcome of waitForJobs([id], settings)) {
    if (outcome.ok) return outcome.result;
    throw outcome.error;
  }
  throw error;
}

/** As for `wait`, but a single result in a single format is printed: nothing mixes there. */
function resultWishes(values: Values, jobs: number): OutputWishes {
  const wishes = outputWishes(values, true, extensionOf);
  const placed = values.has("output-dir") || values.has("output-name");
  const single = jobs === 1 && wishes.formats.length === 1;
  return single && !placed ? { ...wishes, directory: "-" } : wishes;
}
