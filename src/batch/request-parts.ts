/** A recording that went up in parts: side by side, each with its own tries, stitched at the end. */
import { setMaxListeners } from "node:events";
import PQueue from "p-queue";
import { joinTexts } from "../transcript.ts";
import type { CheckedFields, FileWarning } from "./core/fields.ts";
import type { FileResult } from "./core/result.ts";
import { stitch } from "./core/stitch.ts";
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
  const segments = stitch(
    pieces.map((piece, index) => ({
      segments: parts[index]?.result.segments ?? [],
      startSeconds: piece.startSeconds,
      endSeconds: piece.endSeconds ?? piece.startSeconds,
      cutSeconds: piece.cutSeconds,
    })),
  );
  const languages = [...new Set(parts.flatMap((part) => part.result.languages))];
  const language = parts.find((part) => part.result.language !== undefined)?.result.language;
  const [first] = parts;
  if (first === undefined) throw new TypeError("Cannot join parts: there must be one, got none");
  const result: FileResult = {
    task: fields.task,
    text: joinTexts(
      segments.map((segment) => segment.text),
      language,
    ),
    segments,
    duration: pieces.at(-1)?.endSeconds,
    language,
    languages,
    noSpeech: segments.length === 0,
    warnings: warningsOf(parts, fields),
    requestId: first.result.requestId,
  };
  const headers = { "content-type": "application/json" };
  const answer = { ...first.answered.answer, headers, text: verboseJson(result) };
  return { result, answered: { ...first.answered, answer } };
}

function warningsOf(parts: readonly Requested[], fields: CheckedFields): FileWarning[] {
  const unique = new Map<string, FileWarning>();
  for (const warning of parts.flatMap((part) => part.result.warnings)) {
    unique.set(`${warning.code} ${warning.message}`, warning);
  }
  const warnings = [...unique.values()];
  warnings.push({
    code: "sent-in-parts",
    message: `The recording was too large for one request and was sent in ${parts.length} parts.`,
  });
  if (fields.diarize) {
    warnings.push({
      code: "speakers-per-part",
      message: "Speakers are told apart within each part only: 1:0 and 2:0 may be one voice.",
    });
  }
  return warnings;
}
