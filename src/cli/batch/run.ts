/** `everyword batch VERB`: jobs that outlive the terminal. */
import { openLedger, type Ledger } from "../../batch/ledger.ts";
import { checkFields } from "../../batch/core/fields.ts";
import type { Job } from "../../batch/core/job.ts";
import { storedResult } from "../../batch/stored-result.ts";
import { EverywordError } from "../../errors.ts";
import { captionOptionsFrom } from "../caption-options.ts";
import { ALL_FORMATS } from "../format-names.ts";
import { isFormat, render } from "../formats.ts";
import { write, type Io } from "../io.ts";
import type { Values } from "../parse.ts";
import { findJob, jobLine, jobSummary, jobView } from "./job-view.ts";
import { ledgerPath } from "./ledger-path.ts";
import { submitFiles } from "./submit.ts";
import { waitForFiles } from "./wait.ts";

export async function runBatch(
  values: Values,
  positionals: readonly string[],
  io: Io,
): Promise<number> {
  const [verb, ...rest] = positionals;
  if (verb === "submit") return submitFiles(values, rest, io);
  if (verb === "wait") return waitForFiles(values, rest, io);
  const known = VERBS.get(verb ?? "");
  if (known !== undefined)
    return withLedger(values, io, (ledger) => known(ledger, values, rest, io));
  throw new EverywordError(
    "usage",
    `batch takes submit, wait, list, status, result or cancel${verb === undefined ? "" : `, not "${verb}"`}.`,
  );
}

type Verb = (ledger: Ledger, values: Values, names: readonly string[], io: Io) => Promise<number>;

async function listJobs(
  ledger: Ledger,
  values: Values,
  names: readonly string[],
  io: Io,
): Promise<number> {
  if (names.length > 0) throw new EverywordError("usage", "batch list takes no names.");
  const jobs = await ledger.list();
  const text = values.flag("json") ? asJson(jobs) : jobs.map((job) => `${jobLine(job)}\n`).join("");
  await write(io.stdout, text);
  return 0;
}

async function statusJobs(
  ledger: Ledger,
  values: Values,
  names: readonly string[],
  io: Io,
): Promise<number> {
  const all = await ledger.list();
  const jobs = names.length === 0 ? all : names.map((name) => findJob(all, name, io.cwd));
  if (values.flag("json")) await write(io.stdout, asJson(jobs));
  else if (names.length === 0) await write(io.stdout, `${jobSummary(jobs)}\n`);
  else for (const job of jobs) await write(io.stdout, `${jobView(job)}\n`);
  return 0;
}

async function resultJobs(
  ledger: Ledger,
  values: Values,
  names: readonly string[],
  io: Io,
): Promise<number> {
  if (names.length === 0) {
    throw new EverywordError("usage", "batch result needs a job; everyword batch list names them.");
  }
  const all = await ledger.list();
  const asked = values.list("output-format");
  const formats = asked.includes("all") ? ALL_FORMATS : asked.length === 0 ? ["txt"] : asked;
  for (const name of names) {
    const job = findJob(all, name, io.cwd);
    if (job.status !== "done") {
      throw new EverywordError(
        "usage",
        `The job of ${job.facts.path} is ${job.status}; everyword batch wait fetches its result.`,
      );
    }
    const fields = checkFields(job.facts.task, {}, "server");
    const result = await storedResult(ledger, job.id, fields, {});
    for (const format of formats.filter(isFormat)) {
      await write(io.stdout, render(format, result, captionOptionsFrom(values)));
    }
  }
  return 0;
}

async function cancelJobs(
  ledger: Ledger,
  _values: Values,
  names: readonly string[],
  io: Io,
): Promise<number> {
  if (names.length === 0) {
    throw new EverywordError("usage", "batch cancel needs a job; everyword batch list names them.");
  }
  const all = await ledger.list();
  for (const name of names) await cancelJob(ledger, findJob(all, name, io.cwd), io);
  return 0;
}

const VERBS: ReadonlyMap<string, Verb> = new Map([
  ["list", listJobs],
  ["status", statusJobs],
  ["result", resultJobs],
  ["cancel", cancelJobs],
]);

/** The service has no cancel: the job is only no longer wanted here. */
async function cancelJob(ledger: Ledger, job: Job, io: Io): Promise<void> {
  if (job.status === "done" || job.status === "cancelled") {
    await write(io.stderr, `everyword: the job of ${job.facts.path} is ${job.status} already\n`);
    return;
  }
  const claim = await ledger.claim(job.id);
  if (claim === undefined) {
    throw new EverywordError(
      "usage",
      `Another process works on the job of ${job.facts.path}; end that one first.`,
    );
  }
  await ledger.step(claim, "cancelled");
  await ledger.release(claim);
  const rest = job.ids === undefined ? "" : "; the service may still finish it, and count it";
  await write(io.stderr, `everyword: the job of ${job.facts.path} is cancelled${rest}\n`);
}

async function withLedger(
  values: Values,
  io: Io,
  work: (ledger: Ledger) => Promise<number>,
): Promise<number> {
  const ledger = await openLedger(ledgerPath(values, io));
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

function asJson(jobs: readonly Job[]): string {
  return `${JSON.stringify(jobs, undefined, 2)}\n`;
}
