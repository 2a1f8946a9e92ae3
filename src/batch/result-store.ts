/** Answers on disk, each with where it came from; written whole or not at all. */
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { EverywordError } from "../errors.ts";
import type { BatchIds } from "./core/batch-reply.ts";
import { isRecord, parseJson } from "../error-body.ts";
import { diskReason } from "./disk-reason.ts";
import type { FileWarning } from "./core/fields.ts";
import type { Job, JobFacts } from "./core/job.ts";
import type { FormField } from "./core/multipart.ts";

/** An answer as it came, and its provenance. */
export interface StoredResult {
  readonly format: 1;
  readonly facts: JobFacts;
  /** What was asked. */
  readonly form: readonly FormField[];
  readonly ids?: BatchIds | undefined;
  readonly submittedMs?: number | undefined;
  readonly completedMs: number;
  readonly contentType?: string | undefined;
  readonly requestId?: string | undefined;
  /** What was said besides: of its preparation the body tells nothing. */
  readonly warnings?: readonly FileWarning[] | undefined;
  /** The body of the answer, untouched. */
  readonly body: string;
}

/**
 * Temporary file, sync, rename, sync of the directory: after a crash there is the old or the new one.
 *
 * @throws EverywordError `input-unreadable` when it cannot be written.
 */
export async function writeStored(
  directory: string,
  id: string,
  result: StoredResult,
): Promise<void> {
  const path = join(directory, `${id}.json`);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, "w", 0o600);
    try {
      await file.writeFile(JSON.stringify(result));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new EverywordError(
      "input-unreadable",
      `Cannot store a result in ${path}: ${diskReason(cause)}; make room on the disk and run it again.`,
      { cause },
    );
  }
  const parent = await open(directory, "r");
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}

/** `undefined` when it is missing or damaged. */
export async function readStored(directory: string, id: string): Promise<StoredResult | undefined> {
  const text = await readFile(join(directory, `${id}.json`), "utf8").catch(() => "");
  const stored = parseJson(text);
  if (isRecord(stored) && stored["format"] === 1 && typeof stored["body"] === "string") {
    // Written by `writeStored`, whole or not at all.
    return stored as unknown as StoredResult;
  }
  return undefined;
}

/** A job is done, and its stored result cannot be read any more. */
export class MissingResultError extends EverywordError {
  override readonly name = "MissingResultError";

  constructor(directory: string, id: string, job: Job | undefined) {
    const path = join(directory, `${id}.json`);
    super(
      "input-unreadable",
      `The stored result ${path} is missing or damaged; ${adviceFor(job)}.`,
    );
  }
}

function adviceFor(job: Job | undefined): string {
  if (job === undefined) return "submit its file again";
  const id = job.id.slice(0, 12);
  return job.ids === undefined && job.parts === undefined
    ? `everyword batch cancel ${id} forgets it, then submit ${job.facts.path} again`
    : `everyword batch wait ${id} fetches it again from ${job.facts.host}, or batch cancel ${id} gives it up`;
}
