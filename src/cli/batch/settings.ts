/** The files of a batch and what is asked of them: the same for `submit` and `wait`. */
import { resolve } from "node:path";
import { checkFields, type CheckedFields } from "../../batch/core/fields.ts";
import { hashFile, jobId } from "../../batch/file-key.ts";
import type { FilesOptions } from "../../batch/transcribe-files.ts";
import { EverywordError } from "../../errors.ts";
import { expandInputs, isUrl } from "../inputs.ts";
import type { Io } from "../io.ts";
import { modelName } from "../open-once.ts";
import { findService } from "../../open-service.ts";
import type { Values } from "../parse.ts";
import { languageFrom, serviceOptions, speakersFrom } from "../service-options.ts";
import { ledgerPath } from "./ledger-path.ts";

export interface BatchFiles {
  /** Absolute. */
  readonly paths: readonly string[];
  readonly options: FilesOptions & { readonly ledger: string };
  readonly fields: CheckedFields;
}

/** @throws EverywordError `usage` without files, without a service, or for options that cannot be. */
export async function batchFiles(
  values: Values,
  names: readonly string[],
  io: Io,
): Promise<BatchFiles> {
  if (names.length === 0) throw new EverywordError("usage", "batch needs at least one FILE here.");
  const inputs = await expandInputs(names, { cwd: io.cwd, recursive: values.flag("recursive") });
  const bad = inputs.find((input) => input === "-" || isUrl(input));
  if (bad !== undefined) {
    throw new EverywordError(
      "usage",
      `A job is known by its file, which ${bad} is not; save it first.`,
    );
  }
  const service = await findService(serviceOptions(values, io));
  if (service === undefined) {
    throw new EverywordError(
      "usage",
      "batch needs a server that keeps jobs: give --server URL, or a key for the hosted service.",
    );
  }
  const task = values.text("task") === "translate" ? "translate" : "transcribe";
  const options = {
    service,
    task,
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
  } as const;
  const paths = inputs.map((input) => resolve(io.cwd, input));
  return { paths, options, fields: checkFields(task, options, service.kind) };
}

/** The ids under which the ledger knows the files, by path; files that cannot be read have none. */
export async function jobIds(batch: BatchFiles, signal: AbortSignal): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const path of batch.paths) {
    const content = await hashFile(path, signal).catch(() => undefined);
    if (content !== undefined) ids.set(path, jobId(content, batch.fields, batch.options.service));
  }
  return ids;
}
