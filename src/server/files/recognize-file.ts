/** A file -> everything that the recognizer heard in it. Holds one chunk and the final segments. */
import { basename } from "node:path";
import { EverywordError, messageOf } from "../../errors.ts";
import { toChunks } from "../../resample/chunks.ts";
import { WIRE_RATE } from "../../stream/core/wire.ts";
import { HttpError } from "../http-error.ts";
import { resolveModel } from "../models.ts";
import type { RecognizedSegment, Recognizer, RecognizerModel } from "../recognizer.ts";
import type { FileRequest } from "./fields.ts";

/** Audio that may wait for the recognizer before the file is read on. */
const MAX_BEHIND_SECONDS = 30;

export interface FileResult {
  readonly segments: readonly RecognizedSegment[];
  readonly durationSeconds: number;
  /** ISO 639 code. */
  readonly language: string;
}

/** @throws HttpError 400 for audio that cannot be read or a language that is not known, 429 when full. */
export async function recognizeFile(
  recognizer: Recognizer,
  path: string,
  name: string,
  request: FileRequest,
  signal: AbortSignal,
): Promise<FileResult> {
  const model = resolveModel(recognizer.models, request.model, false);
  checkTranslation(request, model);
  const segments: RecognizedSegment[] = [];
  const take = (segment: RecognizedSegment): void => {
    if (segment.final && segment.words.length > 0) segments.push(segment);
  };
  try {
    const stream = recognizer.openStream(
      { language: request.language, prompt: request.prompt, model: model?.id, interimSeconds: 0 },
      take,
    );
    let frames = 0;
    try {
      for await (const chunk of toChunks(path, { chunkMs: 400, signal })) {
        const samples = samplesOf(chunk);
        frames += samples.length;
        stream.push(samples);
        if (stream.behindSeconds() > MAX_BEHIND_SECONDS) await stream.drain();
      }
      await stream.finish();
    } finally {
      stream.close();
    }
    const language = request.language ?? model?.languages[0] ?? "en";
    return { segments, durationSeconds: frames / WIRE_RATE, language };
  } catch (error) {
    throw asHttpError(error, path, name);
  }
}

/**
 * Translation gives English. A recognizer without that task can still do it for English speech,
 * where it is the same as transcribing; anything else is refused, never made up.
 */
function checkTranslation(request: FileRequest, model: RecognizerModel | undefined): void {
  if (request.task === "transcribe") return;
  const spoken = request.language ?? model?.languages[0];
  if (spoken === "en") return;
  throw new HttpError(
    400,
    `This server cannot translate ${spoken}; it only takes English speech.`,
    {
      code: "unsupported",
    },
  );
}

function samplesOf(chunk: Uint8Array): Int16Array {
  if (chunk.byteOffset % 2 === 0) {
    return new Int16Array(chunk.buffer, chunk.byteOffset, chunk.byteLength >> 1);
  }
  return new Int16Array(chunk.slice().buffer, 0, chunk.byteLength >> 1);
}

const STATUS: Readonly<Record<string, number>> = {
  "input-unreadable": 400,
  unsupported: 400,
  quota: 429,
  recognizer: 503,
};

/** The file is called what the client called it: nothing of this machine's directories gets out. */
function asHttpError(error: unknown, path: string, name: string): unknown {
  if (!(error instanceof EverywordError)) return error;
  const shown = name === "" ? "the file" : name;
  const message = messageOf(error).replaceAll(path, shown).replaceAll(basename(path), shown);
  const status = STATUS[error.code] ?? 500;
  return new HttpError(status, message, { code: error.code, cause: error });
}
