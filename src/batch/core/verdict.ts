/**
 * What an answer or a fault means: which error it is and whether another try is worth it
 * (PROTOCOL §1.2, §8.1, §8.2).
 */
import { type ErrorCode, EverywordError, ServiceWithdrawnError } from "../../errors.ts";
import { retryAfterMs, statusVerdict } from "../../retry.ts";
import { errorBodyText, isRecord, namesModel, parseJson } from "../../error-body.ts";
import type { HttpFault } from "./fault.ts";

/** An HTTP answer, read to its end. */
export interface HttpAnswer {
  /** HTTP status. */
  readonly status: number;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The whole body. */
  readonly text: string;
  /** False when it was answered before the whole body was sent: nothing can have been accepted. */
  readonly bodySent: boolean;
}

/** A request that failed, judged. */
export interface Failure {
  /** What the caller is told. */
  readonly error: EverywordError;
  /** Whether another try makes sense: within the policy, at most two, or never. */
  readonly retry: "retry" | "retry-twice" | "never";
  /** How long the other side asked to wait. */
  readonly retryAfterMs?: number | undefined;
  /** True when the request may have been accepted all the same (PROTOCOL §7.2). */
  readonly maybeAccepted: boolean;
}

/** Where and what was asked; for the words of the error. */
export interface Asked {
  readonly host: string;
  /** `create`: a POST that makes a transcript or a job. `status`: a GET about a job. */
  readonly route: "create" | "status";
  /** The file or job, as the user knows it. */
  readonly subject: string;
  /** Taken out of everything that is printed. */
  readonly key?: string | undefined;
  readonly nowMs: number;
  /** True once a connection to this host has worked in this process (PROTOCOL §1.2). */
  readonly hostWorked: boolean;
}

/** `undefined` when the answer is a success (its body may still hold an error: U18). */
export function judgeAnswer(answer: HttpAnswer, asked: Asked): Failure | undefined {
  const verdict = statusVerdict(answer.status);
  if (verdict === "ok") return undefined;
  const withdrawn = withdrawnBy(answer, asked);
  if (withdrawn !== undefined) return { error: withdrawn, retry: "never", maybeAccepted: false };
  const wait = retryAfterMs(answer.headers, asked.nowMs);
  return {
    error: statusError(answer, asked, wait),
    retry: verdict,
    retryAfterMs: wait,
    maybeAccepted: answer.bodySent && MAYBE_ACCEPTED.has(answer.status),
  };
}

/** A gateway that lost its upstream, or a server that broke, may have done the work before. */
const MAYBE_ACCEPTED = new Set([500, 502, 504, 520]);

function withdrawnBy(answer: HttpAnswer, asked: Asked): ServiceWithdrawnError | undefined {
  const { status, text } = answer;
  if (status === 404 && asked.route === "create" && !namesModel(text)) {
    return new ServiceWithdrawnError(asked.host, "path-not-found", { status });
  }
  const plain = !isRecord(parseJson(text));
  if (status === 503 && plain && /no healthy upstream/iu.test(text)) {
    return new ServiceWithdrawnError(asked.host, "no-healthy-upstream", { status });
  }
  return undefined;
}

function statusError(answer: HttpAnswer, asked: Asked, wait: number | undefined): EverywordError {
  const { status } = answer;
  const said = errorBodyText(answer.text, asked.key);
  const [code, advice] = meaning(status, said);
  const about = said === "" ? "without a word" : `“${said}”`;
  return new EverywordError(
    code,
    `${asked.host} answered ${status} for ${asked.subject}: ${about}; ${advice}.`,
    { status, retryAfterSeconds: wait === undefined ? undefined : wait / 1000 },
  );
}

/**
 * What a refusal means that came late: in the body of a success (U18, B8) or of a failed job (B9).
 *
 * @param status as `refusalStatus` has it.
 * @returns `undefined` when it is not the request's fault: the same may succeed another time.
 */
export function judgeRefusal(
  status: number | undefined,
  said: string,
): { readonly code: ErrorCode; readonly advice: string } | undefined {
  if (status === undefined || statusVerdict(status) !== "never") return undefined;
  const [code, advice] = meaning(status, said);
  return { code, advice };
}

const AUDIO_WORDS = /audio|codec|decod|format|file|corrupt|ffmpeg/iu;

function meaning(status: number, said: string): readonly [code: ErrorCode, advice: string] {
  if (status >= 300 && status < 400) return ["protocol", "give the address it points to as server"];
  switch (status) {
    case 400:
    case 415:
    case 422:
      return AUDIO_WORDS.test(said)
        ? ["input-unreadable", "convert the file to WAV or FLAC and try again"]
        : ["unsupported", "change the option it names"];
    case 401:
    case 403:
      return ["key-refused", "check the key, and whether it goes raw or as Bearer (auth)"];
    case 402:
    case 412:
      return ["quota", "check the account's plan and spending limit"];
    case 404:
      return ["unsupported", "check the model or the job it names"];
    case 405:
      return ["protocol", "check the server's address"];
    case 413:
      return ["unsupported", "let the file be converted or split before the upload"];
    case 408:
      return ["timed-out", "try again, or use a smaller file"];
    case 429:
      return ["quota", "lower the rates, or try again later"];
    default:
      return status >= 500
        ? ["server", "try again later"]
        : ["protocol", "check the server's address"];
  }
}

/** Below HTTP: what a fault means (PROTOCOL §1.2, P3). */
export function judgeFault(fault: HttpFault, asked: Asked): Failure {
  const once = { retry: "never", maybeAccepted: false } as const;
  const details = { cause: fault };
  if (fault.kind === "host-not-found" && !asked.hostWorked) {
    return { ...once, error: new ServiceWithdrawnError(asked.host, "host-not-found", details) };
  }
  if (fault.kind === "tls-refused") {
    return { ...once, error: new ServiceWithdrawnError(asked.host, "tls-refused", details) };
  }
  const where = `${asked.subject} at ${asked.host}`;
  if (fault.kind === "certificate") {
    const message = `Cannot trust ${asked.host}: ${fault.message}; name its certificate authority in NODE_EXTRA_CA_CERTS.`;
    return { ...once, error: new EverywordError("network", message, details) };
  }
  const code = fault.kind === "timed-out" ? "timed-out" : "network";
  const advice =
    fault.kind === "refused"
      ? "start the server or check its address"
      : "check the connection and try again";
  return {
    error: new EverywordError(
      code,
      `No answer for ${where}: ${fault.message}; ${advice}.`,
      details,
    ),
    retry: "retry",
    maybeAccepted: fault.bodySent,
  };
}
