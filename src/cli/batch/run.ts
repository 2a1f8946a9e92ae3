/** `everyword batch VERB`: jobs that outlive the terminal. */
import { cancelJob, listJobs } from "../../batch/jobs.ts";
import { EverywordError } from "../../errors.ts";
import { write, type Io } from "../io.ts";
import type { Values } from "../parse.ts";
import { printable } from "../printable.ts";
import { jobLine, jobSummary, jobView } from "./job-view.ts";
import { ledgerPath } from "./ledger-path.ts";
import { namedJob } from "./named-job.ts";
import { runResult } from "./result.ts";
import { runSubmit } from "./submit.ts";
import { runWait } from "./wait.ts";

type Verb = (values: Values, names: readonly string[], io: Io) => Promise<number>;

export async function runBatch(
  values: Values,
  positionals: readonly string[],
  io: Io,
): Promise<number> {
  const [name = "", ...rest] = positionals;
  const verb = VERBS.get(name);
  if (verb !== undefined) return verb(values, rest, io);
  const list = [...VERBS.keys()].join(", ");
  throw new EverywordError(
    "usage",
    `batch takes one of ${list}${name === "" ? "" : `, not "${name}"`}.`,
  );
}

const VERBS: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ["submit", runSubmit],
  ["wait", runWait],
  ["list", runList],
  ["status", runStatus],
  ["result", runResult],
  ["cancel", runCancel],
]);

async function runList(values: Values, names: readonly string[], io: Io): Promise<number> {
  if (names.length > 0) throw new EverywordError("usage", "batch list takes no names.");
  const ledger = ledgerPath(values, io);
  const jobs = await listJobs(ledger);
  if (jobs.length === 0 && !values.flag("json") && !values.flag("quiet")) {
    await write(io.stderr, `everyword: no jobs in ${printable(ledger)}\n`);
  }
  const lines = jobs.map((job) => `${jobLine(job)}\n`).join("");
  await write(io.stdout, values.flag("json") ? asJson(jobs) : lines);
  return 0;
}

async function runStatus(values: Values, names: readonly string[], io: Io): Promise<number> {
  const ledger = ledgerPath(values, io);
  const jobs =
    names.length === 0
      ? await listJobs(ledger)
      : await Promise.all(names.map((name) => namedJob(ledger, name, io)));
  if (values.flag("json")) await write(io.stdout, asJson(jobs));
  else if (names.length === 0) await write(io.stdout, `${jobSummary(jobs)}\n`);
  else for (const job of jobs) await write(io.stdout, `${jobView(job)}\n`);
  return 0;
}

async function runCancel(values: Values, names: readonly string[], io: Io): Promise<number> {
  if (names.length === 0) {
    throw new EverywordError("usage", "batch cancel needs a job; everyword batch list names them.");
  }
  const ledger = ledgerPath(values, io);
  for (const name of names) {
    const job = await cancelJob(ledger, (await namedJob(ledger, name, io)).id);
    const { facts, ids, parts } = job;
    const rest =
      ids === undefined && parts === undefined
        ? ""
        : "; the service may still finish it, and count it";
    await write(io.stderr, `everyword: the job of ${printable(facts.path)} is cancelled${rest}\n`);
  }
  return 0;
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
