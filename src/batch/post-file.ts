/** One file goes up once: the form around it, the key in front of it, the answer judged. */
import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { EverywordError, messageOf } from "../errors.ts";
import { authorizationValue, type Service } from "../service.ts";
import type { Clock } from "./clock.ts";
import { HttpFault } from "./core/fault.ts";
import { type FormField, frameMultipart } from "./core/multipart.ts";
import { type Asked, type HttpAnswer, judgeAnswer, judgeFault } from "./core/verdict.ts";
import type { HttpLimits, HttpPort } from "./http-port.ts";
import type { Outcome } from "./with-retries.ts";

/** How far an upload is; the whole body counts, form included. */
export interface UploadProgress {
  readonly path: string;
  readonly sentBytes: number;
  readonly totalBytes: number;
  /** 1 for the first try. */
  readonly attempt: number;
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
  readonly path: string;
  readonly form: readonly FormField[];
  readonly attempt: number;
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
  const fileBytes = await sizeOf(post.path);
  const key = await freshKey(caller.service);
  const boundary = `everyword-${randomUUID().replaceAll("-", "")}`;
  const frame = frameMultipart(post.form, basename(post.path), boundary);
  const { path, attempt } = post;
  return ask(caller, { url: post.url, route: "create", subject: path, key }, () =>
    caller.http.upload({
      url: post.url,
      headers: { ...keyHeader(caller.service, key), "content-type": frame.contentType },
      head: frame.head,
      tail: frame.tail,
      path,
      fileBytes,
      limits: caller.limits,
      signal: caller.signal,
      onProgress: (sentBytes, totalBytes) =>
        post.onProgress?.({ path, sentBytes, totalBytes, attempt }),
      beforeLast: post.beforeLast,
    }),
  );
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
  return key === undefined ? {} : { authorization: authorizationValue(key, service.auth) };
}

/** @throws EverywordError `input-unreadable` for what is no readable file, or is empty. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    const why = messageOf(cause);
    throw new EverywordError("input-unreadable", `Cannot read ${path}: ${why}; check the path.`, {
      cause,
    });
  });
  if (!found.isFile()) {
    throw new EverywordError("input-unreadable", `${path} is not a file; name a recording.`);
  }
  if (found.size === 0) {
    throw new EverywordError("input-unreadable", `${path} is empty; name a recording.`);
  }
  return found.size;
}
