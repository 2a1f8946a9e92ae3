/** A recording that went up in parts: side by side, each with its own tries, stitched at the end. */
import { setMaxListeners } from "node:events";
import PQueue from "p-queue";
import type { CheckedFields } from "./core/fields.ts";
import { joinParts } from "./core/join-parts.ts";
import { verboseJson } from "./core/verbose-json.ts";
import type { Failure } from "./core/verdict.ts";
import type { Caller } from "./post-file.ts";
import type { UploadPiece } from "./prepare-upload.ts";
import type { Requested } from "./request-file.ts";
import type { Outcome } from "./with-retries.ts";

const PARTS_AT_ONCE = 2;

/** A part failed: the others are of no use. */
class PartFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.error.message);
    this.failure = failure;
  }
}

/**
 * Asks for every part; the first that fails ends the others.
 *
 * @throws what `request` throws.
 */
export async function requestParts(
  caller: Caller,
  pieces: readonly UploadPiece[],
  options: { readonly partsAtOnce?: number | undefined },
  fields: CheckedFields,
  request: (caller: Caller, piece: UploadPiece, part: number) => Promise<Outcome<Requested>>,
): Promise<Outcome<Requested>> {
  const stop = new AbortController();
  // One listener a part and one a request: as many as there are parts, and no leak.
  setMaxListeners(pieces.length * 2 + 10, stop.signal);
  const pass = (): void => stop.abort(caller.signal?.reason);
  if (caller.signal?.aborted === true) pass();
  else caller.signal?.addEventListener("abort", pass, { once: true });
  const own = { ...caller, signal: stop.signal };
  const queue = new PQueue({ concurrency: options.partsAtOnce ?? PARTS_AT_ONCE });
  const work = pieces.map((piece, index) =>
    queue.add(
      async () => {
        const outcome = await request(own, piece, index + 1);
        if (!outcome.ok) throw new PartFailed(outcome.failure);
        return outcome.value;
      },
      { signal: stop.signal },
    ),
  );
  try {
    return { ok: true, value: joined(await Promise.all(work), pieces, fields) };
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(work);
    if (error instanceof PartFailed) return { ok: false, failure: error.failure };
    throw error;
  } finally {
    caller.signal?.removeEventListener("abort", pass);
  }
}

function joined(
  parts: readonly Requested[],
  pieces: readonly UploadPiece[],
  fields: CheckedFields,
): Requested {
  const [first] = parts;
  if (first === undefined) throw new TypeError("Cannot join parts: there must be one, got none");
  const heard = parts.map((part) => part.result);
  const result = joinParts(heard, pieces, fields);
  const headers = { "content-type": "application/json" };
  const answer = { ...first.answered.answer, headers, text: verboseJson(result) };
  return { result, answered: { ...first.answered, answer } };
}
