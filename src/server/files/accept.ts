/** An upload and its fields, checked, for the sync and the batch routes alike. */
import { rm } from "node:fs/promises";
import { cutConnection } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { Faults } from "../faults/faults.ts";
import { rateHeaders } from "../gateway.ts";
import { HttpError } from "../http-error.ts";
import type { Exchange } from "../exchange.ts";
import { fetchFile, urlIn } from "./fetch-url.ts";
import { type FileRequest, type FileTask, readFields } from "./fields.ts";
import { type Form, readForm, type UploadedFile } from "./form.ts";

export interface AcceptedFile {
  readonly request: FileRequest;
  readonly file: UploadedFile;
}

/**
 * Reads the upload to `path` and checks its fields. On any failure nothing is left there.
 *
 * @throws HttpError 400, 404, 408, 413, 429.
 */
export async function acceptFile(
  exchange: Exchange,
  context: ServerContext,
  task: FileTask,
  path: string,
): Promise<AcceptedFile> {
  const { request, response, faults } = exchange;
  const sizeLimit = faults.get("A8")?.number("bytes") ?? 0;
  const fail = uploadFault(exchange);
  const { limits, uploads } = context;
  if (uploads.size >= limits.maxUploads) {
    throw new HttpError(429, "Too many uploads at once; try again soon.", {
      headers: rateHeaders(5),
    });
  }
  uploads.add(exchange);
  if (request.headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
  const form = await readForm(request, {
    path,
    maxBytes: limitOf(faults, sizeLimit, limits.maxBodyBytes),
    idleMs: limits.uploadIdleMs,
    totalMs: limits.uploadTotalMs,
    ...(fail === undefined ? {} : { onBytes: fail }),
  }).finally(() => uploads.delete(exchange));
  try {
    const asked = readFields(form.fields, task, context.recognizer.models, faults);
    checkHost(exchange, asked);
    const file = await resolveFile(form, path, exchange, context);
    checkCodec(file, faults);
    return { request: asked, file };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

function limitOf(faults: Faults, asked: number, usual: number): number {
  if (!faults.has("A8")) return Number.POSITIVE_INFINITY;
  return asked > 0 ? asked : usual;
}

/** What happens in mid-upload (A14, A17, B15), after so many bytes or half of a smaller body. */
function uploadFault(exchange: Exchange): ((bytes: number) => void) | undefined {
  const { faults, request } = exchange;
  const batchReset = faults.variant("B15") === "reset" ? faults.get("B15") : undefined;
  const reset = faults.get("A14") ?? (exchange.isBatch ? batchReset : undefined);
  const refused = faults.get("A17");
  if (reset === undefined && refused === undefined) return undefined;
  const half = Math.max(1, Math.floor(Number(request.headers["content-length"] ?? 0) / 2));
  return (bytes) => {
    if (reset !== undefined && bytes >= Math.min(half, reset.number("bytes"))) {
      cutConnection(request.socket);
      throw new HttpError(400, "A scenario reset this upload.");
    }
    if (refused !== undefined && bytes >= Math.min(half, refused.number("bytes"))) {
      throw new HttpError(refused.number("status"), "A scenario refuses this upload.");
    }
  };
}

/** `whisper-v3` belongs to `audio-prod`, turbo to `audio-turbo` (S8, PROTOCOL §2). */
function checkHost(exchange: Exchange, request: FileRequest): void {
  if (exchange.faults.variant("S8") !== "400" || exchange.role === undefined) return;
  const fits = { prod: "whisper-v3", turbo: "whisper-v3-turbo" }[exchange.role];
  if (request.model === undefined || request.model === fits) return;
  throw new HttpError(400, `The model ${request.model} is not on the ${exchange.role} host.`);
}

/** The uploaded file, or what the URL in its place leads to (S1, S7). */
async function resolveFile(
  form: Form,
  path: string,
  exchange: Exchange,
  context: ServerContext,
): Promise<UploadedFile> {
  const url = await urlIn(form);
  if (url !== undefined && exchange.faults.has("S7")) return fetchFile(url, path, context);
  if (form.file !== undefined) return form.file;
  if (!exchange.faults.has("S1")) return { path, bytes: 0, name: "", contentType: "" };
  throw new HttpError(400, "The field `file` is missing; send the audio in it.");
}

/** Codecs that a scenario refuses, by the file's name or content type (S6). */
function checkCodec(file: UploadedFile, faults: Faults): void {
  const refused = faults.get("S6")?.text("codecs").split("+") ?? [];
  const codec = refused.find(
    (name) => file.name.toLowerCase().endsWith(`.${name}`) || file.contentType.includes(name),
  );
  if (codec !== undefined) {
    throw new HttpError(400, `The codec ${codec} is not supported; send wav or flac.`);
  }
}
