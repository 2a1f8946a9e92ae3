/** `everyword batch submit`: returns as soon as every file was accepted, or cannot be. */
import type { Job } from "../../batch/core/job.ts";
import { openLedger } from "../../batch/ledger.ts";
import type { FileResult } from "../../batch/core/result.ts";
import type { FileOutcome } from "../../batch/file-run.ts";
import { transcribeFiles } from "../../batch/transcribe-files.ts";
import { messageOf } from "../../errors.ts";
import { exitCodeOf, INTERRUPTED } from "../exit-code.ts";
import { write, type Io } from "../io.ts";
import type { Values } from "../parse.ts";
import { printable } from "../printable.ts";
import { batchFiles, jobIds } from "./files.ts";
import { jobLine } from "./job-view.ts";

/** The ledger is looked at this often. */
const LOOK_MS = 100;

export async function submitFiles(
  values: Values,
  names: readonly string[],
  io: Io,
): Promise<number> {
  const batch = await batchFiles(values, names, io);
  const ids = await jobIds(batch, io.abort);
  const ledger = await openLedger(batch.options.ledger);
  const run = transcribeFiles(batch.paths, batch.options);
  const open = new Set(batch.paths);
  const failures: unknown[] = [];
  const settle = async (outcome: FileOutcome<FileResult>): Promise<void> => {
    if (!open.delete(outcome.path) || outcome.ok) return;
    failures.push(outcome.error);
    await write(io.stderr, `everyword: ${printable(outcome.path)}: ${messageOf(outcome.error)}\n`);
  };
  const iterator = run[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    while (open.size > 0 && !io.stop.aborted) {
      const result = await Promise.race([next, pause(LOOK_MS)]);
      for (const job of accepted(await ledger.list(), open, ids)) {
        await write(io.stdout, `${jobLine(job.job)}\n`);
        open.delete(job.path);
      }
      if (result === undefined) continue;
      if (result.done === true) break;
      await settle(result.value);
      next = iterator.next();
    }
    // What was accepted stays accepted; only the waiting ends.
    run.cancel();
    await next.catch(() => undefined);
  } finally {
    await iterator.return?.(undefined);
    await ledger.close();
  }
  if (io.stop.aborted && open.size > 0) return INTERRUPTED;
  if (failures.length === 0) return 0;
  return batch.paths.length === 1 ? exitCodeOf(failures[0]) : 1;
}

function* accepted(
  jobs: readonly Job[],
  open: ReadonlySet<string>,
  ids: ReadonlyMap<string, string>,
): Generator<{ readonly job: Job; readonly path: string }> {
  const known = new Map(jobs.map((job) => [job.id, job]));
  for (const path of open) {
    const job = known.get(ids.get(path) ?? "");
    if (job?.status === "submitted" || job?.status === "done") yield { job, path };
  }
}

function pause(delayMs: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), delayMs);
  });
}
