/** What makes two pieces of work the same: content, options, service. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { EverywordError } from "../errors.ts";
import type { Service } from "../service.ts";
import type { CheckedFields } from "./core/fields.ts";
import { unreadable } from "./unreadable.ts";

export interface FileContent {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Reads the file once, in constant memory. @throws EverywordError `input-unreadable`; the signal's reason. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<FileContent> {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
      const piece = chunk as Buffer;
      signal?.throwIfAborted();
      bytes += piece.length;
      hash.update(piece);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreadable(path, cause);
  }
  if (bytes === 0) {
    throw new EverywordError("input-unreadable", `${path} is empty; name a recording.`);
  }
  return { bytes, sha256: hash.digest("hex") };
}

/**
 * The id of a job. Sync and batch share it: a result is a result, and must not be paid twice. The
 * name of the file and the key do not count.
 */
export function jobId(content: FileContent, fields: CheckedFields, service: Service): string {
  const place = service.kind === "hosted" ? "hosted" : service.batch;
  const work = [1, content.sha256, content.bytes, fields.task, fields.form, place];
  return createHash("sha256").update(JSON.stringify(work)).digest("hex").slice(0, 32);
}
