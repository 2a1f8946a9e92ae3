/** `everyword batch result`: what was fetched, again; from the disk, without the service. */
import type { Job } from "../../batch/core/job.ts";
import { jobResult } from "../../batch/jobs.ts";
import { EverywordError } from "../../errors.ts";
import { captionOptionsFrom } from "../caption-options.ts";
import { extensionOf } from "../formats.ts";
import { write, type Io } from "../io.ts";
import { outputWishes } from "../output-options.ts";
import { type OutputWishes, planOutputs } from "../output-plan.ts";
import type { Values } from "../parse.ts";
import { printable } from "../printable.ts";
import { doneLine, output } from "./deliver.ts";
import { ledgerPath } from "./ledger-path.ts";
import { namedJob } from "./named-job.ts";

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
    const result = await jobResult(ledger, id);
    const written = await output(result, plans[index]?.outputs ?? [], captions, io);
    if (written.length > 0 && !values.flag("quiet")) {
      await write(io.stderr, doneLine(printable(facts.path), written));
    }
  }
  return 0;
}

/** As for `wait`, but a single result in a single format is printed: nothing mixes there. */
function resultWishes(values: Values, jobs: number): OutputWishes {
  const wishes = outputWishes(values, true, extensionOf);
  const placed = values.has("output-dir") || values.has("output-name");
  const single = jobs === 1 && wishes.formats.length === 1;
  return single && !placed ? { ...wishes, directory: "-" } : wishes;
}
