/**
 * One family of errors. Wrong calls throw `TypeError` or `RangeError`; what the world does wrong
 * throws an {@link EverywordError}, whose `code` a program compares and whose message a person
 * reads: what was wrong, where, and what to do.
 */

/** What kind of failure it was. The command line turns it into its exit code. */
export type ErrorCode =
  /** The call or the settings contradict themselves; nothing was tried. */
  | "usage"
  /** 401 or 403: the key is missing, wrong, or may not do this. */
  | "key-refused"
  /** The input is missing, unreadable, damaged, or in a format nobody here can read. */
  | "input-unreadable"
  /** The other side cannot do this (a language, a format, diarization). */
  | "unsupported"
  /** Refused, reset, or silent after every retry. */
  | "network"
  /** The hosted service is gone (PROTOCOL §1.2). */
  | "service-withdrawn"
  /** 402, 412 or 429 after every retry. */
  | "quota"
  /** A stated bound passed. */
  | "timed-out"
  /** The other side answered something that is not the protocol. */
  | "protocol"
  /** The other side reported a failure of its own. */
  | "server"
  /** The recognizer or its weights are missing or failed. */
  | "recognizer";

/** What an error carries beside its code and its sentence. */
export interface ErrorDetails {
  /** The error underneath, as `Error.cause`. */
  readonly cause?: unknown;
  /** HTTP status, where one was answered. */
  readonly status?: number | undefined;
  /** Seconds the other side asked to wait. */
  readonly retryAfterSeconds?: number | undefined;
}

/** Something in the world failed. `message` is one sentence that ends with what to do about it. */
export class EverywordError extends Error {
  /** `EverywordError`, or the name of its subclass. */
  override readonly name: string = "EverywordError";
  /** What failed, for programs; stable over versions. */
  readonly code: ErrorCode;
  /** HTTP status, where one was answered. */
  readonly status: number | undefined;
  /** Seconds the other side asked to wait. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** The hosted service does not exist any more, as far as this host tells (PROTOCOL §1.2). Never retried. */
export class ServiceWithdrawnError extends EverywordError {
  override readonly name = "ServiceWithdrawnError";
  /** Host and port that were asked. */
  readonly host: string;
  /** What was seen: `host-not-found`, `tls-refused`, `path-not-found` or `no-healthy-upstream`. */
  readonly signal: WithdrawnSignal;

  constructor(host: string, signal: WithdrawnSignal, details: ErrorDetails = {}) {
    super(
      "service-withdrawn",
      `${host} does not offer this service, or no longer does (${WITHDRAWN_WORDS[signal]}); use another server with --server URL ` +
        "(`service` in the library), or leave the key out to use the local recognizer.",
      details,
    );
    this.host = host;
    this.signal = signal;
  }
}

/** What told that the service is gone: its name, its certificate, its path, or its gateway. */
export type WithdrawnSignal =
  | "host-not-found"
  | "tls-refused"
  | "path-not-found"
  | "no-healthy-upstream";

const WITHDRAWN_WORDS: Readonly<Record<WithdrawnSignal, string>> = {
  "host-not-found": "the host name does not exist",
  "tls-refused": "it refuses secure connections",
  "path-not-found": "it answers 404 to the path",
  "no-healthy-upstream": "it answers 503 “no healthy upstream”",
};

/** The message of anything that was thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
