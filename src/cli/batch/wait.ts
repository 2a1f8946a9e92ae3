/** `everyword batch wait`: the results of accepted jobs, as caption files or text. */
import { listJobs } from "../../batch/jobs.ts";
import type { Job } from "../../batch/core/job.ts";
import { waitForJobs } from "../../batch/transcribe-files.ts";
import { messageOf } from "../../errors.ts";
import { captionOptionsFrom } from "../caption-options.ts";
import { exitCodeOf, INTERRUPTED } from "../exit-code.ts";
import { extensionOf, render } from "../formats.ts";
import { write, type Io } from "../io.ts";
import { outputWishes } from "../output-options.ts";
import { planOutputs } from "../output-plan.ts";
import { writeAtomically } from "../outputs.ts";
import type { Values } from "../parse.ts";
import { printable } from "../printable.ts";
import { ledgerPath } from "./ledger-path.ts";
import { namedJob } from "./named-job.ts";
import { batchSettings } from "./settings.ts";

export async function runWait(values: Values, names: readonly string[], io: Io): Promise<number> {
  const settings = await batchSettings(values, io);
  const captions = captionOptionsFrom(values);
  const jobs = await jobsToWaitFor(values, names, io);
  if (jobs.length === 0 && !values.flag("quiet")) {
    await write(
      io.stderr,
      "everyword: no job is waiting; everyword batch list shows all of them\n",
    );
  }
  const inputs = jobs.map((job) => job.facts.path);
  const plans = planOutputs(inputs, outputWishes(values, true, extensionOf));
  const outputs = new Map(jobs.map((job, i) => [job.id, plans[i]?.outputs ?? []]));
  const paths = new Map(jobs.map((job) => [job.id, job.facts.path]));
  const run = waitForJobs([...outputs.keys()], settings);
  io.stop.addEventListener("abort", () => run.cancel(), { once: true });
  const failures: unknown[] = [];
  for await (const outcome of run) {
    const id = outcome.path;
    const name = printable(paths.get(id) ?? id);
    try {
      if (!outcome.ok) throw outcome.error;
      let where = "";
      for (const { format, path } of outputs.get(id) ?? []) {
        const text = render(format, outcome.result, captions);
        if (path === undefined) await write(io.stdout, text);
        else {
          await writeAtomically(path, text);
          where += `${where === "" ? " -> " : ", "}${printable(path)}`;
        }
      }
      if (!values.flag("quiet")) await write(io.stderr, `everyword: ${name}: done${where}\n`);
    } catch (error) {
      if (io.stop.aborted) continue;
      failures.push(error);
      await write(io.stderr, `everyword: ${name}: ${messageOf(error)}\n`);
    }
  }
  if (io.stop.aborted) {
    await write(io.stderr, "everyword: stopped; the jobs go on, the same command waits again\n");
    return INTERRUPTED;
  }
  if (failures.length === 0) return 0;
  return jobs.length === 1 ? exitCodeOf(failures[0]) : 1;
}

/** Without names all that were accepted and are not done. */
async function jobsToWaitFor(values: Values, names: readonly string[], io: Io): Promise<Job[]> {
  const ledger = ledgerPath(values, io);
  if (names.length > 0) return Promise.all(names.map((name) => namedJob(ledger, name, io)));
  return (await listJobs(ledger)).filter((job) => job.status === "submitted");
}
