/** What the options say about jobs: which files, which service, what is asked of it. */
import { resolve } from "node:path";
import type { LedgerOptions } from "../../batch/transcribe-files.ts";
import { EverywordError } from "../../errors.ts";
import { findService } from "../../open-service.ts";
import { expandInputs, isUrl } from "../inputs.ts";
import type { Io } from "../io.ts";
import { modelName } from "../open-once.ts";
import type { Values } from "../parse.ts";
import { languageFrom, serviceOptions, speakersFrom } from "../service-options.ts";
import { ledgerPath } from "./ledger-path.ts";

/** Absolute paths, so that a job is found again from another folder. @throws EverywordError `usage`. */
export async function batchPaths(
  values: Values,
  names: readonly string[],
  io: Io,
): Promise<readonly string[]> {
  if (names.length === 0) {
    throw new EverywordError("usage", "A batch needs at least one FILE.");
  }
  const inputs = await expandInputs(names, { cwd: io.cwd, recursive: values.flag("recursive") });
  const bad = inputs.find((input) => input === "-" || isUrl(input));
  if (bad !== undefined) {
    throw new EverywordError(
      "usage",
      `A job is known by its file, which ${bad} is not; save it first.`,
    );
  }
  return inputs.map((input) => resolve(io.cwd, input));
}

/** @throws EverywordError `usage` without a service that keeps jobs, or for options that cannot be. */
export async function batchSettings(values: Values, io: Io): Promise<LedgerOptions> {
  const service = await findService(serviceOptions(values, io));
  if (service === undefined) {
    throw new EverywordError(
      "usage",
      "batch needs a server that keeps jobs: give --server URL, or a key for the hosted service.",
    );
  }
  return {
    service,
    task: values.text("task") === "translate" ? "translate" : "transcribe",
    mode: "batch",
    ledger: ledgerPath(values, io),
    signal: io.abort,
    model: modelName(values.text("model")),
    language: languageFrom(values),
    prompt: values.text("prompt"),
    temperature: values.number("temperature", 0, 1),
    uploads: values.integer("uploads", 1, 64),
    onAmbiguous: values.text("on-ambiguous") as "ask" | "resubmit" | "skip" | undefined,
    ...speakersFrom(values),
  };
}
