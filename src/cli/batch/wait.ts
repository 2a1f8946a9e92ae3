/** `everyword batch wait`: the results of what was submitted, as caption files or text. */
import { openLedger } from "../../batch/ledger.ts";
import { transcribeFiles } from "../../batch/transcribe-files.ts";
import { EverywordError, messageOf } from "../../errors.ts";
import type { Transcript } from "../../transcript.ts";
import { captionOptionsFrom } from "../caption-options.ts";
import { exitCodeOf, INTERRUPTED } from "../exit-code.ts";
import { extensionOf, render } from "../formats.ts";
import { write, type Io } from "../io.ts";
import { outputWishes } from "../output-options.ts";
import { planOutputs, type Plan } from "../output-plan.ts";
import { writeAtomically } from "../outputs.ts";
import type { Values } from "../parse.ts";
import { printable } from "../printable.ts";
import { batchFiles, jobIds, type BatchFiles } from "./files.ts";

export async function waitForFiles(
  values: Values,
  names: readonly string[],
  io: Io,
): Promise<number> {
  const batch = await batchFiles(values, names, io);
  const captions = captionOptionsFrom(values);
  const plans = new Map(
    planOutputs(batch.paths, outputWishes(values, true, extensionOf)).map((plan) => [
      plan.input,
      plan,
    ]),
  );
  await checkSubmitted(batch, io);
  const run = transcribeFiles(batch.paths, batch.options);
  io.stop.addEventListener("abort", () => run.cancel(), { once: true });
  const failures: unknown[] = [];
  for await (const outcome of run) {
    const name = printable(outcome.path);
    try {
      if (!outcome.ok) throw outcome.error;
      const written = await deliver(plans.get(outcome.path), outcome.result, captions, io);
      const where = written.length === 0 ? "" : ` -> ${written.map(printable).join(", ")}`;
      if (!values.flag("quiet")) await write(io.stderr, `everyword: ${name}: done${where}\n`);
    } catch (error) {
      if (io.stop.aborted) continue;
      failures.push(error);
      await write(io.stderr, `everyword: ${name}: ${messageOf(error)}\n`);
    }
  }
  if (io.stop.aborted) {
    await write(io.stderr, "everyword: stopped; the jobs go on, the same command waits again\n");
    return INTERRUPTED;
  }
  if (failures.length === 0) return 0;
  return batch.paths.length === 1 ? exitCodeOf(failures[0]) : 1;
}

/** Other options make another job, and waiting must never pay for one. */
async function checkSubmitted(batch: BatchFiles, io: Io): Promise<void> {
  const ids = await jobIds(batch, io.abort);
  const ledger = await openLedger(batch.options.ledger);
  try {
    for (const path of batch.paths) {
      const id = ids.get(path);
      const job = id === undefined ? undefined : await ledger.find(id);
      if (job !== undefined) continue;
      throw new EverywordError(
        "usage",
        `${path} was not submitted with these options and this service; everyword batch submit does that.`,
      );
    }
  } finally {
    await ledger.close();
  }
}

async function deliver(
  plan: Plan | undefined,
  transcript: Transcript,
  captions: Parameters<typeof render>[2],
  io: Io,
): Promise<string[]> {
  const written: string[] = [];
  for (const { format, path } of plan?.outputs ?? []) {
    const text = render(format, transcript, captions);
    if (path === undefined) await write(io.stdout, text);
    else {
      await writeAtomically(path, text);
      written.push(path);
    }
  }
  return written;
}
