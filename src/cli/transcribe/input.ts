/** One input from its name to its files. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { EverywordError } from "../../errors.ts";
import { toChunks } from "../../resample/chunks.ts";
import { transcriptWords, type Transcript } from "../../transcript.ts";
import { isClosedPipe } from "../exit-code.ts";
import { render } from "../formats.ts";
import { isUrl } from "../inputs.ts";
import { write, type Io } from "../io.ts";
import { hashFile, hashOptions, outputState, recordOutputs, type Made } from "../manifest.ts";
import type { Plan } from "../output-plan.ts";
import { writeAtomically } from "../outputs.ts";
import type { Values } from "../parse.ts";
import { OpenOnce } from "../open-once.ts";
import { fetchToFile, spool } from "../spool.ts";
import type { RunPlan } from "./plan.ts";
import type { FileReport, Reporter } from "./report.ts";
import { shownName, showingName } from "./shown-name.ts";
import { streamFile } from "./stream-route.ts";
import { requestFile } from "./sync-route.ts";
import type { Listener, Task } from "./task.ts";

/** What all inputs of a run share. */
export interface InputJob {
  readonly plan: RunPlan;
  readonly io: Io;
  readonly reporter: Reporter;
  readonly opened: OpenOnce;
  /** Inputs that end together write the manifest one after the other. */
  recorded: Promise<void>;
  close(): Promise<void>;
}

export function openJob(values: Values, plan: RunPlan, reporter: Reporter, io: Io): InputJob {
  const opened = new OpenOnce(values, io, (line) => reporter.note(line));
  const recorded = Promise.resolve();
  return { plan, io, reporter, opened, recorded, close: () => opened.close() };
}

/** The end of stdout's reader is the end of the run, not of one input. */
export function endsTheRun(error: unknown): boolean {
  return isClosedPipe(error);
}

/** Anything named on the command line as a file on the disk. */
interface Local {
  readonly path: string;
  dispose(): Promise<void>;
}

/** @param turn when what comes before on standard output is printed */
export async function transcribeInput(
  file: Plan,
  job: InputJob,
  turn: Promise<void>,
): Promise<FileReport> {
  const local = await localize(file.input, job);
  try {
    const made = job.plan.skipExisting ? await madeOf(local.path, job) : undefined;
    const skipped = made === undefined ? undefined : await findDone(file, made, job.reporter);
    if (skipped !== undefined) return skipped;
    const shown = shownName(file.input);
    const transcript = await showingName(local.path, shown, () =>
      recognize(local.path, file.input, job),
    );
    const outputs = await deliver(file, transcript, job, turn);
    if (made !== undefined) await record(outputs, made, job);
    return {
      input: file.input,
      result: "done",
      outputs,
      audioSeconds: audioSeconds(transcript),
      words: transcriptWords(transcript).length,
    };
  } finally {
    await local.dispose();
  }
}

async function localize(input: string, { io }: InputJob): Promise<Local> {
  if (isUrl(input)) return fetchToFile(input, io.abort);
  if (input === "-") {
    return spool(io.stdin as AsyncIterable<Uint8Array>, "stdin", "standard input", io.abort);
  }
  return { path: input, dispose: async () => undefined };
}

async function recognize(path: string, input: string, job: InputJob): Promise<Transcript> {
  const { plan, reporter, io } = job;
  await checkReadable(path, job);
  const opened = await job.opened.open();
  const { service } = opened;
  const task: Task = { ...plan, service, model: opened.model, signal: io.abort };
  const listener: Listener = {
    progress: (progress) => reporter.progress(input, progress),
    segment: (segment) => reporter.segment(input, segment),
    warn: (line) => reporter.warn(input, line.replaceAll(path, shownName(input))),
  };
  if ((plan.via ?? (service.kind === "embedded" ? "stream" : "sync")) === "sync") {
    return requestFile(path, task, listener);
  }
  return streamFile(path, task, listener);
}

/** A file that nobody can read is told before a recognizer is started for it, or anything is sent. */
async function checkReadable(path: string, { plan, io, opened }: InputJob): Promise<void> {
  const info = await stat(path).catch(unreadable(path));
  if (opened.isOpen || (info.isFile() && !(await opened.isEmbedded()))) return;
  const options = { ...plan.chunkOptions, signal: io.abort };
  for await (const _ of toChunks(path, options)) return;
}

async function madeOf(path: string, { plan, opened, io }: InputJob): Promise<Made> {
  // How it was run is not what was asked.
  const { files: _f, jsonl: _l, jobs: _j, failFast: _a, skipExisting: _s, ...asked } = plan;
  const options = hashOptions([asked, await opened.describe()]);
  return { source: await hashFile(path, io.abort).catch(unreadable(path)), options };
}

function unreadable(path: string): (cause: unknown) => never {
  return (cause) => {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const why = code === "ENOENT" ? "there is no such file; check the path" : code;
    throw new EverywordError("input-unreadable", `Cannot read ${basename(path)}: ${why}.`, {
      cause,
    });
  };
}

/** Done when every output is there and none is known to be stale. */
async function findDone(
  file: Plan,
  made: Made,
  reporter: Reporter,
): Promise<FileReport | undefined> {
  const states = await Promise.all(
    file.outputs.flatMap(({ path }) => (path === undefined ? [] : [outputState(path, made)])),
  );
  if (states.includes("stale")) reporter.warn(file.input, "its results are stale; doing it again");
  if (states.includes("missing") || states.includes("stale")) return undefined;
  const outputs = file.outputs.flatMap(({ path }) => (path === undefined ? [] : [path]));
  const reason = states.includes("foreign") ? "its outputs exist" : "its results are current";
  return { input: file.input, result: "skipped", outputs, reason };
}

function record(outputs: readonly string[], made: Made, job: InputJob): Promise<void> {
  const mine = job.recorded.then(() => recordOutputs(outputs, made));
  job.recorded = mine.catch(() => undefined);
  return mine;
}

async function deliver(
  file: Plan,
  transcript: Transcript,
  { plan, reporter, io }: InputJob,
  turn: Promise<void>,
): Promise<string[]> {
  const written: string[] = [];
  for (const { format, path } of file.outputs) {
    const text = render(format, transcript, plan.captions);
    if (path === undefined) {
      await turn;
      reporter.clear();
      await write(io.stdout, text);
    } else {
      await writeAtomically(path, text);
      written.push(path);
    }
  }
  return written;
}

function audioSeconds(transcript: Transcript): number | undefined {
  return transcript.duration ?? transcript.segments.at(-1)?.end;
}
