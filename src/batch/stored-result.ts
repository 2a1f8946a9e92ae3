/** Stored answers, read anew each time: what is learned about reading them helps old ones too. */
import type { CheckedFields } from "./core/fields.ts";
import type { FileResult } from "./core/result.ts";
import { type ReadOptions, readResult } from "./file-caller.ts";
import type { Ledger } from "./ledger.ts";
import type { Answered } from "./post-file.ts";
import type { StoredResult } from "./result-store.ts";

/** A stored answer, read anew. */
export async function storedResult(
  ledger: Ledger,
  id: string,
  fields: CheckedFields,
  options: ReadOptions,
): Promise<FileResult> {
  const stored = await ledger.readResult(id);
  const read = readResult(answeredFrom(stored), fields, options);
  if (!read.ok) throw read.failure.error;
  const known = new Set(read.value.warnings.map((warning) => warning.code));
  const further = (stored.warnings ?? []).filter((warning) => !known.has(warning.code));
  return { ...read.value, warnings: [...read.value.warnings, ...further] };
}

function answeredFrom(stored: StoredResult): Answered {
  const headers = { "content-type": stored.contentType, "x-request-id": stored.requestId };
  return {
    answer: { status: 200, headers, text: stored.body, bodySent: true },
    host: stored.facts.host,
    key: undefined,
  };
}
