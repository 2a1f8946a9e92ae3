/**
 * Multipart uploads (PROTOCOL §5.1): fields in memory, the file on disk. Bounds: the body's bytes,
 * `MAX_FIELDS` fields of `MAX_FIELD_BYTES`, one file, and a time without a byte.
 */
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { Busboy, type BusboyHeaders, type BusboyInstance } from "@fastify/busboy";
import { HttpError } from "../http-error.ts";

const MAX_FIELDS = 64;
const MAX_FIELD_BYTES = 64 * 1024;

/**
 * Time without progress once the whole body is here. The parser never says that it is done with
 * some forms that go on behind their closing delimiter.
 */
const ALL_HERE_MS = 5000;

export interface FormField {
  readonly name: string;
  readonly value: string;
}

export interface UploadedFile {
  readonly path: string;
  readonly bytes: number;
  /** As the client named it, without directories. */
  readonly name: string;
  readonly contentType: string;
}

export interface Form {
  readonly fields: readonly FormField[];
  readonly file: UploadedFile | undefined;
}

export interface FormRules {
  /** Where the file goes; exists afterwards only when the form was read well. */
  readonly path: string;
  readonly maxBytes: number;
  /** Without a byte for so long, the upload is given up with 408. */
  readonly idleMs: number;
  /** A whole upload that takes longer is given up with 408. */
  readonly totalMs: number;
  /** Called with the bytes received so far; what it throws ends the upload. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Reads a form.
 *
 * @throws HttpError 400 for a body that is no form, 408, 413.
 */
export async function readForm(request: IncomingMessage, rules: FormRules): Promise<Form> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > rules.maxBytes) throw tooLarge(rules.maxBytes);
  const parser = createParser(request);
  const fields: FormField[] = [];
  let saving: Promise<UploadedFile> | undefined;
  let incoming: Readable | undefined;
  let refused: HttpError | undefined;
  parser.on("field", (name: string | undefined, value, _nameTruncated, valueTruncated) => {
    // A part may have no name, whatever the parser's types say; nobody asked for it.
    if (name === undefined) return;
    if (valueTruncated) refused ??= new HttpError(400, `The field "${name}" is too long.`);
    fields.push({ name, value });
  });
  parser.on("fieldsLimit", () => (refused ??= new HttpError(400, "The form has too many fields.")));
  parser.on("file", (name, stream, fileName, _encoding, contentType) => {
    if (name !== "file") {
      stream.resume();
    } else if (saving === undefined) {
      incoming = stream;
      saving = save(stream, rules.path, fileName ?? "", contentType);
      // It is awaited below; until then a failure must not count as unhandled.
      saving.catch(() => {});
    } else {
      refused ??= new HttpError(400, "The form has two files; send one in each request.");
      stream.resume();
    }
  });
  try {
    await feed(request, parser, rules);
    const file = await saving;
    if (refused !== undefined) throw refused;
    return { fields, file };
  } catch (error) {
    // The parser leaves the file it was in the middle of open.
    incoming?.destroy(new Error("the upload broke off"));
    await saving?.catch(() => {});
    await rm(rules.path, { force: true });
    throw asHttpError(error);
  }
}

function createParser(request: IncomingMessage): BusboyInstance {
  const contentType = request.headers["content-type"] ?? "";
  if (!/^multipart\/form-data\b/iu.test(contentType)) {
    throw new HttpError(400, `The body must be multipart/form-data, got "${contentType}".`);
  }
  try {
    return new Busboy({
      headers: request.headers as BusboyHeaders,
      limits: { fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES, files: 8, headerPairs: 32 },
      isPartAFile: (name, _contentType, fileName) => fileName !== undefined && name !== undefined,
    });
  } catch (cause) {
    throw new HttpError(400, "The multipart header names no boundary.", { cause });
  }
}

/** Every byte of the body through the parser, at the pace of the disk. */
async function feed(
  request: IncomingMessage,
  parser: BusboyInstance,
  rules: FormRules,
): Promise<void> {
  let bytes = 0;
  // A parser that was destroyed while it waits for its own end says nothing on some versions of Node.
  const bound = new AbortController();
  const gaveUp = new Promise<never>((_, reject) => {
    bound.signal.addEventListener("abort", () => reject(bound.signal.reason as HttpError));
  });
  const giveUp = (): void => {
    const why = request.complete
      ? new HttpError(400, "The form cannot be read: it goes on behind its end.")
      : new HttpError(408, "The upload stopped or took too long; send it again.");
    parser.destroy(why);
    bound.abort(why);
  };
  const total = setTimeout(giveUp, rules.totalMs);
  let idle: NodeJS.Timeout | undefined;
  const rearm = (): void => {
    clearTimeout(idle);
    idle = setTimeout(
      giveUp,
      request.complete ? Math.min(rules.idleMs, ALL_HERE_MS) : rules.idleMs,
    );
  };
  async function* counted(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      bytes += chunk.byteLength;
      if (bytes > rules.maxBytes) throw tooLarge(rules.maxBytes);
      rules.onBytes?.(bytes);
      rearm();
      yield chunk;
    }
  }
  rearm();
  try {
    const read = Promise.all([
      finished(parser),
      pipeline(request.iterator({ destroyOnReturn: false }), counted, parser),
    ]);
    await Promise.race([read, gaveUp]);
  } finally {
    clearTimeout(total);
    clearTimeout(idle);
  }
}

async function save(
  stream: Readable,
  path: string,
  name: string,
  contentType: string,
): Promise<UploadedFile> {
  const target = createWriteStream(path, { mode: 0o600 });
  await pipeline(stream, target);
  return { path, bytes: target.bytesWritten, name, contentType };
}

function tooLarge(maxBytes: number): HttpError {
  return new HttpError(413, `The body is larger than the limit of ${maxBytes} bytes.`);
}

/** A parser's complaint is the client's fault: its body ended early or is no form. */
function asHttpError(error: unknown): unknown {
  if (error instanceof HttpError || !(error instanceof Error)) return error;
  const code = Object.getOwnPropertyDescriptor(error, "code")?.value as unknown;
  if (code === "ENOSPC") {
    return new HttpError(507, "The disk of the server is full.", { cause: error });
  }
  return new HttpError(400, `The form cannot be read: ${error.message}.`, { cause: error });
}
