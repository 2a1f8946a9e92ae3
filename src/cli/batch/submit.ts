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
  for await (const outcome of run) {
    if (outcome.ok) await write(io.stdout, `${jobLine(outcome.result)}\n`);
    else if (!io.stop.aborted) {
      failures.push(outcome.error);
      const why = messageOf(outcome.error);
      await write(io.stderr, `everyword: ${printable(outcome.path)}: ${why}\n`);
    }
  }
  if (io.stop.aborted) {
    await write(io.stderr, "everyword: stopped; the same command goes on with the rest\n");
    return INTERRUPTED;
  }
  if (failures.length === 0) return 0;
  return paths.length === 1 ? exitCodeOf(failures[0]) : 1;
}
