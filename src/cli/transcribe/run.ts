/** `everyword transcribe`: files in, transcripts out. One bad file neither ends the run nor passes silently. */
import { EverywordError, messageOf } from "../../errors.ts";
import { exitCodeOf, INTERRUPTED } from "../exit-code.ts";
import { expandInputs } from "../inputs.ts";
import { usesColor, type Io } from "../io.ts";
import type { Plan } from "../output-plan.ts";
import { prepareFolders } from "../outputs.ts";
import type { Values } from "../parse.ts";
import { endsTheRun, openJob, transcribeInput, type InputJob } from "./input.ts";
import { JsonReporter } from "./json-report.ts";
import type { FileReport, Reporter } from "./report.ts";
import { planRun, type RunPlan } from "./plan.ts";
import { TextReporter } from "./text-report.ts";

export async function runTranscribe(
  values: Values,
  args: readonly string[],
  io: Io,
): Promise<number> {
  if (args.length === 0) {
    throw new EverywordError("usage", "transcribe needs at least one FILE; - is standard input.");
  }
  const inputs = await expandInputs(args, { cwd: io.cwd, recursive: values.flag("recursive") });
  const plan = planRun(values, inputs);
  await prepareFolders(plan.files.flatMap((file) => pathsOf(file)));
  const reporter = reporterFor(values, plan, io);
  const said = noteInterrupt(reporter, io);
  const started = performance.now();
  const files: FileReport[] = [];
  const job = openJob(values, plan, reporter, io);
  try {
    for (const [index, one] of plan.files.entries()) {
      const failed = plan.failFast && files.some((file) => file.result === "failed");
      if (io.stop.aborted || failed) files.push(notBegun(one));
      else files.push(await runOne(one, index, job, reporter));
      await reporter.flush();
    }
    const elapsedSeconds = (performance.now() - started) / 1000;
    reporter.summary({ files, elapsedSeconds, interrupted: io.stop.aborted });
    if (io.stop.aborted && files.some((file) => file.result === "not begun")) {
      reporter.note("stopped; the same command with --skip-existing goes on with the rest");
    }
    await reporter.flush();
  } finally {
    said.dispose();
    reporter.clear();
    await job.close();
  }
  return exitCodeFor(files, io);
}

async function runOne(
  file: Plan,
  index: number,
  job: InputJob,
  reporter: Reporter,
): Promise<FileReport> {
  const started = performance.now();
  reporter.start(file.input, index, job.plan.files.length);
  let report: FileReport;
  try {
    report = await transcribeInput(file, job);
  } catch (error) {
    if (job.io.abort.aborted || endsTheRun(error)) throw error;
    const reason = messageOf(error);
    report = { input: file.input, result: "failed", outputs: [], reason, error };
  }
  const elapsedSeconds = (performance.now() - started) / 1000;
  const timed = { ...report, elapsedSeconds };
  reporter.end(timed);
  return timed;
}

function pathsOf({ outputs }: Plan): string[] {
  return outputs.flatMap(({ path }) => (path === undefined ? [] : [path]));
}

function notBegun({ input }: Plan): FileReport {
  return { input, result: "not begun", outputs: [] };
}

/** With one input its own reason, with several 1: some failed (or all). */
function exitCodeFor(files: readonly FileReport[], io: Io): number {
  const failed = files.filter((file) => file.result === "failed");
  const rest = files.some((file) => file.result === "not begun");
  if (io.stop.aborted && (rest || failed.length === 0)) return INTERRUPTED;
  if (failed.length === 0) return 0;
  return files.length === 1 ? exitCodeOf(failed[0]?.error) : 1;
}

function reporterFor(values: Values, plan: RunPlan, io: Io): Reporter {
  if (plan.jsonl) return new JsonReporter(io);
  const { stderr, env } = io;
  const terminal = stderr.isTTY === true && env["TERM"] !== "dumb" && env["CI"] === undefined;
  const wanted = !values.has("progress") || values.flag("progress");
  return new TextReporter(io, {
    quiet: values.flag("quiet"),
    verbose: values.flag("verbose"),
    progress: terminal && wanted && !values.flag("quiet"),
    color: usesColor(io, stderr, values.text("color")),
  });
}

/** Says once what the first Ctrl-C did. */
function noteInterrupt(reporter: Reporter, io: Io): { dispose(): void } {
  const say = (): void => reporter.note("finishing the file in hand; once more gives up at once");
  io.stop.addEventListener("abort", say, { once: true });
  return { dispose: () => io.stop.removeEventListener("abort", say) };
}
