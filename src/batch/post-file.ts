/** One file goes up once: the form around it, the key in front of it, the answer judged. */
import { randomUUID } from "node:crypto";
import { authorizationValue, type Service } from "../service.ts";
import type { Clock } from "./clock.ts";
import { HttpFault } from "./core/fault.ts";
import { type FormField, frameMultipart } from "./core/multipart.ts";
import { type Asked, type HttpAnswer, judgeAnswer, judgeFault } from "./core/verdict.ts";
import type { HttpLimits, HttpPort } from "./http-port.ts";
import type { UploadPiece } from "./prepare-upload.ts";
import type { Outcome } from "./with-retries.ts";

/** How far an upload is; the whole body counts, form included. */
export interface UploadProgress {
  /** The file, as it was named. */
  readonly path: string;
  /** Bytes of the request that the network has taken. */
  readonly sentBytes: number;
  /** Bytes of the request. */
  readonly totalBytes: number;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Counted from 1; more than one when the file was cut into parts. */
  readonly part: number;
  /** How many parts the file was cut into. */
  readonly parts: number;
}

/** What every request needs. */
export interface Caller {
  readonly service: Service;
  readonly http: HttpPort;
  readonly clock: Clock;
  readonly limits: HttpLimits;
  readonly signal?: AbortSignal | undefined;
}

export interface FilePost {
  readonly url: string;
  /** The recording, as the user knows it. */
  readonly path: string;
  /** What of it is sent. */
  readonly piece: UploadPiece;
  readonly form: readonly FormField[];
  readonly attempt: number;
  readonly part: number;
  readonly parts: number;
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  readonly beforeLast?: (() => Promise<void>) | undefined;
}

/** An answered request, with the key it was made with (to keep it out of messages). */
export interface Answered {
  readonly answer: HttpAnswer;
  readonly host: string;
  readonly key: string | undefined;
}

/**
 * One try. The key is asked for afresh each time (PEERS 9), the connection is new, the file is
 * opened again (P3).
 *
 * @throws EverywordError `input-unreadable`; the signal's reason.
 */
export async function postFile(caller: Caller, post: FilePost): Promise<Outcome<Answered>> {
  const key = await freshKey(caller.service);
  const boundary = `everyword-${randomUUID().replaceAll("-", "")}`;
  const { path, piece, attempt, part, parts } = post;
  const frame = frameMultipart(post.form, piece.name, boundary);
  return ask(caller, { url: post.url, route: "create", subject: path, key }, () =>
    caller.http.upload({
      url: post.url,
      headers: { ...keyHeader(caller.service, key), "content-type": frame.contentType },
      head: joined(frame.head, piece.header),
      tail: frame.tail,
      path: piece.path,
      fileBytes: piece.bytes,
      fileOffset: piece.offset,
      fileSizeBytes: piece.sizeBytes,
      audioMinutes: minutesOf(piece),
      limits: caller.limits,
      signal: caller.signal,
      onProgress: (sentBytes, totalBytes) =>
        post.onProgress?.({ path, sentBytes, totalBytes, attempt, part, parts }),
      beforeLast: post.beforeLast,
    }),
  );
}

function minutesOf({ startSeconds, endSeconds }: UploadPiece): number | undefined {
  return endSeconds === undefined ? undefined : (endSeconds - startSeconds) / 60;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** A GET, judged the same way. */
export async function getJson(
  caller: Caller,
  url: string,
  subject: string,
): Promise<Outcome<Answered>> {
  const key = await freshKey(caller.service);
  return ask(caller, { url, route: "status", subject, key }, () =>
    caller.http.get({
      url,
      headers: keyHeader(caller.service, key),
      limits: caller.limits,
      signal: caller.signal,
    }),
  );
}

interface Question {
  readonly url: string;
  readonly route: Asked["route"];
  readonly subject: string;
  readonly key: string | undefined;
}

async function ask(
  caller: Caller,
  { url, route, subject, key }: Question,
  request: () => Promise<HttpAnswer>,
): Promise<Outcome<Answered>> {
  const { host } = new URL(url);
  const asked = (): Asked => ({
    host,
    route,
    subject,
    key,
    nowMs: caller.clock.nowMs(),
    hostWorked: caller.http.hostWorked(host),
  });
  try {
    const answer = await request();
    const failure = judgeAnswer(answer, asked());
    return failure === undefined
      ? { ok: true, value: { answer, host, key } }
      : { ok: false, failure };
  } catch (error) {
    if (error instanceof HttpFault) return { ok: false, failure: judgeFault(error, asked()) };
    throw error;
  }
}

/** `base` may end with the `/v1` that OpenAI-style settings carry. */
export function routeUrl(base: string, path: string): string {
  return base.replace(/\/+$/u, "").replace(/\/v1$/u, "") + path;
}

async function freshKey(service: Service): Promise<string | undefined> {
  const { apiKey } = service;
  return typeof apiKey === "function" ? apiKey() : apiKey;
}

function keyHeader(service: Service, key: string | undefined): Record<string, string> {
  const authorization = authorizationValue(key, service.auth);
  return authorization === undefined ? {} : { authorization };
}
