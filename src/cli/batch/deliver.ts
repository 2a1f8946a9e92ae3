/** The outcomes of a run of jobs, each printed or written as it comes. */
import type { FileRun } from "../../batch/file-run.ts";
import type { FileResult } from "../../batch/core/result.ts";
import { listJobs } from "../../batch/jobs.ts";
import { messageOf } from "../../errors.ts";
import type { FormatOptions } from "../../captions/formats.ts";
import { captionOptionsFrom } from "../caption-options.ts";
import { exitCodeOf, INTERRUPTED, isClosedPipe } from "../exit-code.ts";
import { extensionOf, render } from "../formats.ts";
import { columnsOf, usesColor, write, type Io } from "../io.ts";
import { outputWishes } from "../output-options.ts";
import { type Output, planOutputs } from "../output-plan.ts";
import { writeAtomically } from "../outputs.ts";
import type { Values } from "../parse.ts";
import { printable } from "../printable.ts";
import { showsProgress } from "../progress-line.ts";
import type { FileReport } from "../transcribe/report.ts";
import { summaryTable } from "../transcribe/summary.ts";
import { type Counts, WaitingLine } from "./waiting-line.ts";

/** One outcome that is awaited. */
export interface Expected {
  /** What the run knows it by: a job's id or a file's path. */
  readonly key: string;
  readonly path: string;
}

/** What is said after Ctrl-C. @param running jobs that go on at the service. */
export type StoppedLine = (running: number) => string;

/** @param ledger tells after Ctrl-C what goes on. @returns the exit code. */
export async function deliver(
  begin: (keys: readonly string[]) => FileRun<FileResult>,
  expected: readonly Expected[],
  values: Values,
  io: Io,
  ledger: string,
  stopped: StoppedLine,
): Promise<number> {
  const captions = captionOptionsFrom(values);
  const wishes = outputWishes(values, true, extensionOf);
  const plans = planOutputs(
    expected.map((one) => one.path),
    wishes,
  );
  const outputs = new Map<string, readonly Output[]>();
  for (const [index, { key }] of expected.entries()) outputs.set(key, plans[index]?.outputs ?? []);
  const paths = new Map(expected.map((one) => [one.key, one.path]));
  const reports = new Map<string, FileReport>();
  const quiet = values.flag("quiet");
  const startedMs = performance.now();
  const run = begin([...outputs.keys()]);
  io.stop.addEventListener("abort", () => run.cancel(), { once: true });
  const line = new WaitingLine(io.stderr, showsProgress(values, io) && paths.size > 0, () =>
    countsOf(paths.size, reports),
  );
  try {
    for await (const outcome of run) {
      const input = paths.get(outcome.path) ?? outcome.path;
      const elapsedSeconds = (performance.now() - startedMs) / 1000;
      line.clear();
      try {
        if (!outcome.ok) throw outcome.error;
        const { result } = outcome;
        const written = await output(result, outputs.get(outcome.path) ?? [], captions, io);
        if (!quiet) await write(io.stderr, doneLine(printable(input), written));
        const audioSeconds = result.duration ?? result.segments.at(-1)?.end;
        const done = { input, result: "done", outputs: written, audioSeconds } as const;
        reports.set(outcome.path, { ...done, elapsedSeconds });
      } catch (error) {
        if (isClosedPipe(error)) throw error;
        if (io.stop.aborted) continue;
        const reason = messageOf(error);
        reports.set(outcome.path, { input, result: "failed", outputs: [], reason, error });
        await write(io.stderr, failedLine(printable(input), reason));
      }
      line.draw();
    }
  } finally {
    line.close();
  }
  const submitted = io.stop.aborted ? await submittedIn(ledger) : new Set<string>();
  const files = [...paths].map(([key, input]): FileReport => {
    const result = submitted.has(key) ? "submitted" : "not begun";
    return reports.get(key) ?? { input, result, outputs: [] };
  });
  if (!quiet) await writeSummary(files, (performance.now() - startedMs) / 1000, values, io);
  if (io.stop.aborted) {
    const running = files.filter(({ result }) => result === "submitted").length;
    await write(io.stderr, `everyword: stopped; ${stopped(running)}\n`);
  }
  return exitCodeFor(files, io);
}

/** The ids and the paths of the jobs that go on at their service. */
async function submittedIn(ledger: string): Promise<ReadonlySet<string>> {
  const jobs = await listJobs(ledger);
  const running = jobs.filter(({ status }) => status === "submitted");
  return new Set(running.flatMap(({ id, facts }) => [id, facts.path]));
}

function countsOf(total: number, reports: ReadonlyMap<string, FileReport>): Counts {
  const failed = [...reports.values()].filter(({ result }) => result === "failed").length;
  return { total, failed, done: reports.size - failed };
}

function failedLine(name: string, why: string): string {
  return `everyword: ${why.includes(name) ? why : `${name}: ${why}`}\n`;
}

/** The table of `transcribe`, for several files. */
async function writeSummary(
  files: readonly FileReport[],
  elapsedSeconds: number,
  values: Values,
  io: Io,
): Promise<void> {
  if (files.length < 2) return;
  const { stderr } = io;
  const columns = stderr.isTTY === true ? columnsOf(stderr) : undefined;
  const report = { files, elapsedSeconds, interrupted: io.stop.aborted };
  const color = usesColor(io, stderr, values.text("color"));
  await write(stderr, `\n${summaryTable(report, columns, color)}`);
}

function exitCodeFor(files: readonly FileReport[], io: Io): number {
  if (io.stop.aborted) return INTERRUPTED;
  const failed = files.filter(({ result }) => result === "failed");
  if (failed.length === 0) return 0;
  return files.length === 1 ? exitCodeOf(failed[0]?.error) : 1;
}

/** One result in all the ways that are asked for. @returns the files that were written. */
export async function output(
  result: FileResult,
  outputs: readonly Output[],
  captions: FormatOptions,
  io: Io,
): Promise<readonly string[]> {
  const written: string[] = [];
  for (const { format, path } of outputs) {
    const text = render(format, result, captions);
    if (path === undefined) await write(io.stdout, text);
    else {
      await writeAtomically(path, text);
      written.push(path);
    }
  }
  return written;
}

export function doneLine(name: string, written: readonly string[]): string {
  const where = written.length === 0 ? "" : ` -> ${written.map(printable).join(", ")}`;
  return `everyword: ${name}: done${where}\n`;
}
