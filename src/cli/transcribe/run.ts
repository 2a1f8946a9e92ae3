/** `everyword transcribe`: files in, transcripts out. One bad file neither ends the run nor passes silently. */
import { EverywordError, messageOf } from "../../errors.ts";
import { findService } from "../../open-service.ts";
import { exitCodeOf, INTERRUPTED } from "../exit-code.ts";
import { expandInputs, isUrl } from "../inputs.ts";
import { usesColor, type Io } from "../io.ts";
import type { Plan } from "../output-plan.ts";
import { prepareFolders } from "../outputs.ts";
import type { Values } from "../parse.ts";
import { checkInputsKept } from "../same-file.ts";
import { showsProgress } from "../progress-line.ts";
import { serviceOptions } from "../service-options.ts";
import { endsTheRun, openJob, transcribeInput, type InputJob } from "./input.ts";
import { JsonReporter } from "./json-report.ts";
import type { FileReport, Reporter } from "./report.ts";
import { checkRoute, planRun, type RunPlan } from "./plan.ts";
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
  if (plan.translate || plan.diarize) {
    checkRoute(plan, (await findService(serviceOptions(values, io))) === undefined);
  }
  const outputs = plan.files.flatMap((file) => pathsOf(file));
  await checkInputsKept(localFiles(inputs), outputs);
  await prepareFolders(outputs);
  const reporter = reporterFor(values, plan, io);
  const said = noteInterrupt(reporter, io);
  const started = performance.now();
  const ended = new AbortController();
  // Whatever ends the run ends every input in hand.
  const abort = AbortSignal.any([io.abort, ended.signal]);
  const job = openJob(values, plan, reporter, { ...io, abort });
  try {
    const files = await runAll(job, () => ended.abort());
    const elapsedSeconds = (performance.now() - started) / 1000;
    reporter.summary({ files, elapsedSeconds, interrupted: io.stop.aborted });
    if (io.stop.aborted && files.some((file) => file.result === "not begun")) {
      reporter.note("stopped; the same command with --skip-existing goes on with the rest");
    }
    await reporter.flush();
    return exitCodeFor(files, io);
  } finally {
    said.dispose();
    reporter.clear();
    await job.close();
  }
}

/** Where an input is one request, its service does the work and several can be under way. */
const REQUESTS_AT_ONCE = 4;

async function jobsOf({ plan, opened }: InputJob): Promise<number> {
  if (plan.jobs !== undefined) return plan.jobs;
  if (plan.failFast || plan.files.length === 1 || plan.via === "stream") return 1;
  return plan.via === "sync" || !(await opened.isEmbedded()) ? REQUESTS_AT_ONCE : 1;
}

/** Every input's report, in the order of the inputs. What is printed keeps that order too. */
async function runAll(job: InputJob, endRun: () => void): Promise<FileReport[]> {
  const { plan, io, reporter } = job;
  const files: FileReport[] = [];
  const rest = plan.files.entries();
  let printed = Promise.resolve();
  const work = async (): Promise<void> => {
    for (const [index, one] of rest) {
      const failed = plan.failFast && files.some((file) => file?.result === "failed");
      if (io.stop.aborted || failed) files[index] = notBegun(one);
      else {
        const running = runOne(one, index, job, printed);
        const turn = printed;
        printed = running.then(
          () => turn,
          () => turn,
        );
        files[index] = await running;
      }
      await reporter.flush();
    }
  };
  // The first error ends the run; those that follow only say so.
  const errors: unknown[] = [];
  const workers = Array.from({ length: await jobsOf(job) }, () =>
    work().catch((error: unknown) => {
      errors.push(error);
      endRun();
    }),
  );
  await Promise.all(workers);
  if (errors.length > 0) throw errors[0];
  return files;
}

async function runOne(
  file: Plan,
  index: number,
  job: InputJob,
  turn: Promise<void>,
): Promise<FileReport> {
  const { reporter } = job;
  const started = performance.now();
  reporter.start(file.input, index, job.plan.files.length);
  let report: FileReport;
  try {
    report = await transcribeInput(file, job, turn);
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

function localFiles(inputs: readonly string[]): string[] {
  return inputs.filter((input) => input !== "-" && !isUrl(input));
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
  if (plan.jsonl)
    return new JsonReporter(
      io,
      plan.files.some((file) => pathsOf(file).length > 0),
    );
  return new TextReporter(io, {
    quiet: values.flag("quiet"),
    verbose: values.flag("verbose"),
    progress: showsProgress(values, io),
    color: usesColor(io, io.stderr, values.text("color")),
  });
}

/** Says once what the first Ctrl-C did. */
function noteInterrupt(reporter: Reporter, io: Io): { dispose(): void } {
  const say = (): void => reporter.note("finishing what is in hand; once more gives up at once");
  io.stop.addEventListener("abort", say, { once: true });
  return { dispose: () => io.stop.removeEventListener("abort", say) };
}
