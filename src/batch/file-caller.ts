/** From options to what a request needs, and from an answer to a result; shared by sync and batch. */
import { EverywordError } from "../errors.ts";
import type { Service } from "../service.ts";
import { type Clock, systemClock } from "./clock.ts";
import { parseJson } from "../error-body.ts";
import type { CheckedFields, FileTask } from "./core/fields.ts";
import { readAnswer } from "./core/normalize.ts";
import type { FileResult } from "./core/result.ts";
import { DEFAULT_LIMITS, type HttpLimits, type HttpPort } from "./http-port.ts";
import { NodeHttp } from "./node-http.ts";
import type { Answered, Caller } from "./post-file.ts";
import type { Outcome } from "./with-retries.ts";

/** The options that every call of this room understands. */
export interface CallOptions {
  /** From `chooseService`, `serverService` or `hostedService`. */
  readonly service: Service;
  /** Gives the call up; it then rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Name, connection and TLS together. Default 20 000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Without the network taking anything of the upload. Default 60 000. */
  readonly stallTimeoutMs?: number | undefined;
  /** From the last byte of the upload to the last byte of the answer. Default 1 800 000. */
  readonly responseTimeoutMs?: number | undefined;
  /** Default `node:http`; simulations bring their own. */
  readonly http?: HttpPort | undefined;
  /** Default the system's; simulations bring their own. */
  readonly clock?: Clock | undefined;
}

/** One for the process, so that what is known of a host is known to all calls. */
let shared: NodeHttp | undefined;

/** @throws RangeError when a limit is no positive number. */
export function callerOf(options: CallOptions): Caller {
  shared ??= new NodeHttp();
  return {
    service: options.service,
    http: options.http ?? shared,
    clock: options.clock ?? systemClock,
    limits: limitsOf(options),
    signal: options.signal,
  };
}

function limitsOf(options: CallOptions): HttpLimits {
  return {
    ...DEFAULT_LIMITS,
    connectMs: positive("connectTimeoutMs", options.connectTimeoutMs, DEFAULT_LIMITS.connectMs),
    stallMs: positive("stallTimeoutMs", options.stallTimeoutMs, DEFAULT_LIMITS.stallMs),
    responseMs: positive("responseTimeoutMs", options.responseTimeoutMs, DEFAULT_LIMITS.responseMs),
  };
}

function positive(name: string, value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === "number" && value > 0 && value <= 2_147_483_647) return value;
  throw new RangeError(
    `Cannot transcribe: ${name} must be 1 to 2147483647 milliseconds, got ${String(value)}`,
  );
}

/** The host follows from the model (P14). */
export function syncBase(service: Service, fields: CheckedFields): string {
  return fields.model === "whisper-v3-turbo"
    ? service.sync["whisper-v3-turbo"]
    : service.sync["whisper-v3"];
}

export function taskPath(task: FileTask): string {
  return task === "transcribe" ? "/v1/audio/transcriptions" : "/v1/audio/translations";
}

/** How to read a body: the caller's wishes. */
export interface ReadOptions {
  /** Keep the parsed answer as `raw`. Default false: answers of 75 MB occur. */
  readonly keepRaw?: boolean | undefined;
  /** Spread words whose times are all the same over their segment, marked (P8). Default false. */
  readonly spreadWords?: boolean | undefined;
}

/** A successful answer as a result; JSON that breaks off is worth another try (A16). */
export function readResult(
  answered: Answered,
  fields: CheckedFields,
  options: ReadOptions,
): Outcome<FileResult> {
  const { answer, host, key } = answered;
  const contentType = header(answer.headers["content-type"]);
  const requestId = header(answer.headers["x-request-id"]);
  try {
    const body = { text: answer.text, contentType, requestId };
    const { keepRaw, spreadWords } = options;
    return { ok: true, value: readAnswer(body, { fields, host, key, keepRaw, spreadWords }) };
  } catch (error) {
    if (!(error instanceof EverywordError)) throw error;
    const cutOff = /json/iu.test(contentType ?? "") && parseJson(answer.text) === undefined;
    const retry = cutOff ? "retry-twice" : "never";
    return { ok: false, failure: { error, retry, maybeAccepted: true } };
  }
}

function header(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}
