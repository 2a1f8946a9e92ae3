/** `everyword transcribe --batch`: submit and wait in one; a run that was killed goes on where it was. */
import { transcribeFiles } from "../../batch/transcribe-files.ts";
import { EverywordError } from "../../errors.ts";
import type { Io } from "../io.ts";
import type { Values } from "../parse.ts";
import { deliver } from "./deliver.ts";
import { batchPaths, batchSettings } from "./settings.ts";

/** A job is the whole file as it lies there, and its text comes at the end. */
const NOT_WITH_JOBS = [
  "start",
  "end",
  "clip-timestamps",
  "input-format",
  "rate",
  "channels",
  "via",
  "jsonl",
  "verbose",
  "fail-fast",
  "skip-existing",
];

/** @throws EverywordError `usage` for what jobs cannot do, and without a service that keeps jobs. */
export async function runTranscribeBatch(
  values: Values,
  names: readonly string[],
  io: Io,
): Promise<number> {
  const bad = NOT_WITH_JOBS.find((name) => values.has(name) && values.text(name) !== "false");
  if (bad !== undefined) {
    throw new EverywordError("usage", `--batch sends whole files as jobs; leave out --${bad}.`);
  }
  const settings = await batchSettings(values, io);
  const paths = await batchPaths(values, names, io);
  const expected = paths.map((path) => ({ key: path, path }));
  const begin = (keys: readonly string[]) => transcribeFiles(keys, settings);
  return deliver(begin, expected, values, io, settings.ledger, stoppedLine);
}

function stoppedLine(running: number): string {
  const rest = "the same command goes on with the rest";
  if (running === 0) return rest;
  const jobs = running === 1 ? "1 job goes" : `${running} jobs go`;
  return `${rest}; ${jobs} on at the service, and everyword batch wait with the same --server, -f and -o fetches what comes`;
}
