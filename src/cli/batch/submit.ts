/** `everyword batch submit`: returns as soon as every file was accepted, or cannot be. */
import { submitFiles } from "../../batch/transcribe-files.ts";
import { messageOf } from "../../errors.ts";
import { exitCodeOf, INTERRUPTED } from "../exit-code.ts";
import { write, type Io } from "../io.ts";
import type { Values } from "../parse.ts";
import { printable } from "../printable.ts";
import { batchPaths, batchSettings } from "./settings.ts";
import { jobLine } from "./job-view.ts";

export async function runSubmit(values: Values, names: readonly string[], io: Io): Promise<number> {
  const settings = await batchSettings(values, io);
  const paths = await batchPaths(values, names, io);
  const run = submitFiles(paths, settings);
  io.stop.addEventListener("abort", () => run.cancel(), { once: true });
  const failures: unknown[] = [];
  // Files of the same content are one job.
  const accepted = new Set<string>();
  for await (const outcome of run) {
    if (outcome.ok) {
      const { result: job, path } = outcome;
      if (job.status === "submitted") accepted.add(job.id);
      await write(io.stdout, `${jobLine({ ...job, facts: { ...job.facts, path } })}\n`);
    } else if (!io.stop.aborted) {
      failures.push(outcome.error);
      const path = printable(outcome.path);
      const why = messageOf(outcome.error);
      const line = why.includes(path) ? why : `${path}: ${why}`;
      await write(io.stderr, `everyword: ${line}\n`);
    }
  }
  if (io.stop.aborted) {
    await write(io.stderr, "everyword: stopped; the same command goes on with the rest\n");
    return INTERRUPTED;
  }
  const waiting = accepted.size > 0 && !values.flag("quiet");
  if (waiting) {
    await write(
      io.stderr,
      `everyword: ${accepted.size} submitted; everyword batch wait prints the results\n`,
    );
  }
  if (failures.length === 0) return 0;
  return paths.length === 1 ? exitCodeOf(failures[0]) : 1;
}
