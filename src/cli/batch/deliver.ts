/** The outcomes of a run of jobs, each printed or written as it comes. */
import type { FileRun } from "../../batch/file-run.ts";
import type { FileResult } from "../../batch/core/result.ts";
import { messageOf } from "../../errors.ts";
import type { FormatOptions } from "../../captions/formats.ts";
import { captionOptionsFrom } from "../caption-options.ts";
import { exitCodeOf, INTERRUPTED, isClosedPipe } from "../exit-code.ts";
import { extensionOf, render } from "../formats.ts";
import { write, type Io } from "../io.ts";
import { outputWishes } from "../output-options.ts";
import { type Output, planOutputs } from "../output-plan.ts";
import { writeAtomically } from "../outputs.ts";
import type { Values } from "../parse.ts";
import { printable } from "../printable.ts";

/** One outcome that is awaited. */
export interface Expected {
  /** What the run knows it by: a job's id or a file's path. */
  readonly key: string;
  readonly path: string;
}

/** @param stopped what goes on after Ctrl-C. @returns the exit code. */
export async function deliver(
  begin: (keys: readonly string[]) => FileRun<FileResult>,
  expected: readonly Expected[],
  values: Values,
  io: Io,
  stopped: string,
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
  const run = begin([...outputs.keys()]);
  io.stop.addEventListener("abort", () => run.cancel(), { once: true });
  const failures: unknown[] = [];
  for await (const outcome of run) {
    const name = printable(paths.get(outcome.path) ?? outcome.path);
    try {
      if (!outcome.ok) throw outcome.error;
      const written = await output(outcome.result, outputs.get(outcome.path) ?? [], captions, io);
      if (!values.flag("quiet")) await write(io.stderr, doneLine(name, written));
    } catch (error) {
      if (isClosedPipe(error)) throw error;
      if (io.stop.aborted) continue;
      failures.push(error);
      const why = messageOf(error);
      await write(io.stderr, `everyword: ${why.includes(name) ? why : `${name}: ${why}`}\n`);
    }
  }
  if (io.stop.aborted) {
    await write(io.stderr, `everyword: stopped; ${stopped}\n`);
    return INTERRUPTED;
  }
  if (failures.length === 0) return 0;
  return expected.length === 1 ? exitCodeOf(failures[0]) : 1;
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
