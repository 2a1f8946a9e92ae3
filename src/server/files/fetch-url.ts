/** A URL in the place of a file (S7, PROTOCOL §5.1): found in a field or in the file's content. */
import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf } from "../../errors.ts";
import type { ServerContext } from "../context.ts";
import { HttpError } from "../http-error.ts";
import type { Form, UploadedFile } from "./form.ts";

/** A file whose content is nothing but a URL is at most this long. */
const MAX_URL_BYTES = 2048;

/** The URL that the form holds instead of audio, if it does. */
export async function urlIn(form: Form): Promise<string | undefined> {
  const field = form.fields.find((entry) => entry.name === "file")?.value.trim();
  if (form.file === undefined) return isUrl(field) ? field : undefined;
  if (form.file.bytes === 0 || form.file.bytes > MAX_URL_BYTES) return undefined;
  const handle = await open(form.file.path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_URL_BYTES), 0);
    const text = buffer.subarray(0, bytesRead).toString("latin1").trim();
    return isUrl(text) ? text : undefined;
  } finally {
    await handle.close();
  }
}

function isUrl(text: string | undefined): text is string {
  return text !== undefined && /^https?:\/\/[^\s/]+\S*$/u.test(text);
}

/**
 * Writes what the URL leads to into a file. Bounds: the upload's size limit and total time.
 *
 * @throws HttpError 400 when it cannot be fetched or fetching is off, 413.
 */
export async function fetchFile(
  url: string,
  path: string,
  context: ServerContext,
): Promise<UploadedFile> {
  if (!context.fetchUrls) {
    throw new HttpError(400, "This server fetches no URLs; upload the file itself.", {
      code: "unsupported",
    });
  }
  try {
    const signal = AbortSignal.timeout(context.limits.uploadTotalMs);
    const answer = await fetch(url, { signal });
    if (!answer.ok || answer.body === null) throw new Error(`it answers ${answer.status}`);
    const target = createWriteStream(path, { mode: 0o600 });
    await pipeline(Readable.fromWeb(answer.body as never), bound(context), target);
    const contentType = answer.headers.get("content-type") ?? "";
    return { path, bytes: target.bytesWritten, name: new URL(url).pathname, contentType };
  } catch (cause) {
    if (cause instanceof HttpError) throw cause;
    throw new HttpError(400, `The URL cannot be fetched: ${messageOf(cause)}.`, { cause });
  }
}

function bound(context: ServerContext): (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* limited(source) {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.byteLength;
      if (bytes > context.limits.maxBodyBytes) {
        throw new HttpError(413, "The file at the URL is above the size limit.");
      }
      yield chunk;
    }
  };
}
