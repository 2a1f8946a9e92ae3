/** What a caller may say about a session, checked and turned into the machine's settings. */
import { languageCode } from "../languages.ts";
import type { RetryPolicy } from "../retry.ts";
import {
  authorizationValue,
  redactUrl,
  STREAMING_PATH,
  type Service,
  type StreamingVersion,
} from "../service.ts";
import { handshakeQuery, type EndForm } from "./core/encode.ts";
import type { DialTarget } from "./core/failure.ts";
import { framesOf } from "./core/frames.ts";
import { DEFAULT_MACHINE_OPTIONS, type MachineOptions } from "./core/machine-options.ts";
import type { Spill } from "./core/spill.ts";
import type { MetricSink } from "./metrics.ts";
import type { OpenSocket } from "./socket.ts";

/** Where the audio goes, what is asked of the recognizer, and the bounds of a session. */
export interface SessionOptions {
  /** Where the audio goes. */
  readonly service: Service;
  /** 1 = fireworks-asr-large (default), 2 = fireworks-asr-v2; chosen by host. */
  readonly version?: StreamingVersion | undefined;
  /** Code or English name of one of 102 languages; absent = detected. */
  readonly language?: string | undefined;
  /** Vocabulary and style. There is no default on purpose (P10). */
  readonly prompt?: string | undefined;
  /** 0 to 1; the server's default is 0. */
  readonly temperature?: number | undefined;
  /** Experimental (P22): silence after which text is final, 1 to 29 seconds. */
  readonly textTimeoutSeconds?: number | undefined;
  /** Longest time without progress after the end of the audio. Default 10 000, 100 to 600 000. */
  readonly finishTimeoutMs?: number | undefined;
  /** 1 (default) = real time; `max` = as fast as the server answers. 0.1 to 100. */
  readonly pace?: number | "max" | undefined;
  /** Length of an audio message in real time, 50 (default) to 400 ms; 100 costs a third less CPU. */
  readonly chunkMs?: number | undefined;
  /** Audio kept to be sent again after a drop. Default 60, 5 to 3600; beyond it a `gap`. */
  readonly replaySeconds?: number | undefined;
  /** Audio between two progress questions. Default 2, 0 = never ask, at most 30. */
  readonly traceSeconds?: number | undefined;
  /** What `write` does while the queue is full: `wait` (default), or `drop` the oldest with a `gap`. */
  readonly whenFull?: "wait" | "drop" | undefined;
  /** How the end is said (X4). Default `checkpoint`; either echo is accepted. */
  readonly endForm?: EndForm | undefined;
  /** Longest time without progress, over all attempts. Default 120 000, 1000 to 86 400 000. */
  readonly reconnectDeadlineMs?: number | undefined;
  /**
   * Connections of all sessions to one host with one key, those of a session pool included, 1 to
   * 100 000. Default 10 for the hosted service, whose documented limit that is, and none for other
   * servers. A session beyond it waits, within `reconnectDeadlineMs`, for another one to end.
   */
  readonly maxConnections?: number | undefined;
  /** Age at which a connection is replaced by a fresh one, without a gap. Default never; 10 to 86 400. */
  readonly rotateAfterSeconds?: number | undefined;
  /** How redials wait: full jitter below `baseMs * 2^attempt`, at most `capMs`, `attempts` without progress. */
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Silence after which a connection counts as dead. Default 5000, 500 to 60 000. */
  readonly stallMs?: number | undefined;
  /** From dialing to the open connection. Default 10 000, 100 to 120 000. */
  readonly handshakeTimeoutMs?: number | undefined;
  /**
   * Keeps hours of audio beyond `replaySeconds`, and what another process needs to take the session
   * up: `createSpillFile(path)`, or `resumeSpillFile(path)` to go on. With it `reconnectDeadlineMs` is
   * 24 hours and the redials are not counted, unless said otherwise.
   */
  readonly spill?: Spill | undefined;
  /** Gives up at once; the iteration then throws `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Takes the session's numbers, by the names of `METRICS`; costs nothing when absent. */
  readonly onMetric?: MetricSink | undefined;
  /** The socket; default `ws`, and the platform's own in `everyword/browser`. */
  readonly openSocket?: OpenSocket | undefined;
}

const LONGEST_OUTAGE_MS = 86_400_000;

/** The checked form of the options. */
export interface SessionPlan {
  /** Without a key. */
  readonly url: string;
  readonly machine: MachineOptions;
}

/** @throws TypeError or RangeError at the first option that cannot be. */
export function planSession(options: SessionOptions): SessionPlan {
  const version = oneOf("version", options.version, [1, 2]) ?? 1;
  const base = options.service?.streaming?.[version];
  if (base === undefined) {
    throw new TypeError("Cannot open a session: service must be a Service with streaming URLs");
  }
  const language = options.language === undefined ? undefined : checkedLanguage(options.language);
  within("maxConnections", options.maxConnections, 1, 100_000);
  const query = handshakeQuery({
    language,
    prompt: options.prompt,
    temperature: within("temperature", options.temperature, 0, 1),
    textTimeoutSeconds: within("textTimeoutSeconds", options.textTimeoutSeconds, 1, 29),
  });
  const url = `${base}${STREAMING_PATH}?${query}`;
  const target = {
    host: new URL(base).host,
    url: redactUrl(`${base}${STREAMING_PATH}`),
    hasKey: hasKey(options.service),
  };
  return { url, machine: machineOptions(options, target) };
}

function machineOptions(options: SessionOptions, target: DialTarget): MachineOptions {
  const defaults = DEFAULT_MACHINE_OPTIONS;
  const pace = options.pace === "max" ? "max" : within("pace", options.pace, 0.1, 100);
  const chunkMs = within("chunkMs", options.chunkMs, 50, 400);
  const replay = within("replaySeconds", options.replaySeconds, 5, 3600);
  const trace = within("traceSeconds", options.traceSeconds, 0, 30);
  const rotate = within("rotateAfterSeconds", options.rotateAfterSeconds, 10, 86_400);
  const deadlineMs = within(
    "reconnectDeadlineMs",
    options.reconnectDeadlineMs,
    1000,
    LONGEST_OUTAGE_MS,
  );
  const spills = options.spill !== undefined;
  // Named one by one: an object that is spread together has a shape of its own, and a thousand
  // sessions with as many shapes make every look at an option a slow one.
  return {
    target,
    pace: pace ?? defaults.pace,
    chunkFrames: chunkMs === undefined ? defaults.chunkFrames : framesOf(chunkMs / 1000),
    catchUp: defaults.catchUp,
    replayFrames: replay === undefined ? defaults.replayFrames : framesOf(replay),
    traceFrames: trace === undefined ? defaults.traceFrames : framesOf(trace),
    inFlightFrames: defaults.inFlightFrames,
    whenFull: oneOf("whenFull", options.whenFull, ["wait", "drop"]) ?? defaults.whenFull,
    endForm: oneOf("endForm", options.endForm, ["checkpoint", "trace", "both"]) ?? defaults.endForm,
    handshakeTimeoutMs:
      within("handshakeTimeoutMs", options.handshakeTimeoutMs, 100, 120_000) ??
      defaults.handshakeTimeoutMs,
    finishTimeoutMs:
      within("finishTimeoutMs", options.finishTimeoutMs, 100, 600_000) ?? defaults.finishTimeoutMs,
    stallMs: within("stallMs", options.stallMs, 500, 60_000) ?? defaults.stallMs,
    keepAliveMs: defaults.keepAliveMs,
    rotateAfterMs: rotate === undefined ? defaults.rotateAfterMs : rotate * 1000,
    redial: {
      policy: redialPolicy(options.retry, spills ? Infinity : defaults.redial.policy.attempts),
      firstAttempts: defaults.redial.firstAttempts,
      deadlineMs: deadlineMs ?? (spills ? LONGEST_OUTAGE_MS : defaults.redial.deadlineMs),
    },
    level: defaults.level,
  };
}

function redialPolicy(given: Partial<RetryPolicy> = {}, attempts: number): RetryPolicy {
  const { policy } = DEFAULT_MACHINE_OPTIONS.redial;
  const of = (name: keyof RetryPolicy): number | undefined =>
    within(`retry.${name}`, given[name], 0, Infinity);
  return {
    attempts: of("attempts") ?? attempts,
    baseMs: of("baseMs") ?? policy.baseMs,
    capMs: of("capMs") ?? policy.capMs,
    maxRetryAfterMs: of("maxRetryAfterMs") ?? policy.maxRetryAfterMs,
  };
}

/** @throws TypeError for a key that cannot be sent; what a function gives is seen at the dial. */
function hasKey({ apiKey, auth }: Service): boolean {
  return typeof apiKey === "function" || authorizationValue(apiKey, auth) !== undefined;
}

function checkedLanguage(given: string): string {
  const code = languageCode(given);
  if (code === undefined) {
    throw new RangeError(
      `Cannot open a session: language must be one of the 102 codes or their English names, got "${given}"`,
    );
  }
  return code;
}

function within(
  name: string,
  value: number | undefined,
  least: number,
  most: number,
): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !(value >= least && value <= most)) {
    const range = most === Infinity ? `${least} or more` : `${least} to ${most}`;
    throw new RangeError(`Cannot open a session: ${name} must be ${range}, got ${String(value)}`);
  }
  return value;
}

function oneOf<T>(
  name: string,
  value: T | undefined,
  allowed: readonly NoInfer<T>[],
): T | undefined {
  if (value === undefined || allowed.includes(value)) return value;
  const list = `${allowed.slice(0, -1).join(", ")} or ${String(allowed.at(-1))}`;
  throw new RangeError(`Cannot open a session: ${name} must be ${list}, got ${String(value)}`);
}
