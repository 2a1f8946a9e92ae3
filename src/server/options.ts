/** What a server can be told, and every bound it keeps. */
import type { Scenario } from "./faults/scenario.ts";
import type { Recognizer } from "./recognizer.ts";

/** Bounds; what happens at each is said beside it. */
export interface ServerLimits {
  /** Streaming connections at a time; one more is answered 429 (W3). Default 10. */
  readonly maxStreams: number;
  /** TCP connections at a time; one more is closed at once. Default 1000. */
  readonly maxConnections: number;
  /** Bytes of an upload; more is answered 413 (A8). Default 10^9. */
  readonly maxBodyBytes: number;
  /** Bytes of one WebSocket message; more closes with 1009. Default 1 MiB. */
  readonly maxFrameBytes: number;
  /** Bytes waiting for a client that does not read; more ends its connection. Default 8 MiB. */
  readonly maxSendBytes: number;
  /** Files transcribed at a time, sync and batch together; more wait. Default 2. */
  readonly maxFiles: number;
  /** Sync requests waiting for their turn; one more is answered 429. Default 32. */
  readonly maxWaiting: number;
  /** Batch jobs stored; one more is answered 429. Default 10 000. */
  readonly maxJobs: number;
  /** How long an ended job is kept, then deleted. Default 7 days. */
  readonly retentionMs: number;
  /** Time for a request's headers; then 408. Default 10 000. */
  readonly headersTimeoutMs: number;
  /** An upload that sends nothing for so long is answered 408. Default 30 000. */
  readonly uploadIdleMs: number;
  /** An upload that takes longer than this is answered 408. Default one hour. */
  readonly uploadTotalMs: number;
  /** Uploads at a time, sync and batch together; one more is answered 429. Default 32. */
  readonly maxUploads: number;
  /** What a client that was refused may go on sending, so that it gets to read why; then it is cut. Default 5000. */
  readonly lingerMs: number;
  /** What `close()` waits for running streams and requests; then they are ended. Default 10 000. */
  readonly drainMs: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  maxStreams: 10,
  maxConnections: 1000,
  maxBodyBytes: 1e9,
  maxFrameBytes: 1024 * 1024,
  maxSendBytes: 8 * 1024 * 1024,
  maxFiles: 2,
  maxWaiting: 32,
  maxJobs: 10_000,
  retentionMs: 7 * 24 * 3_600_000,
  headersTimeoutMs: 10_000,
  uploadIdleMs: 30_000,
  uploadTotalMs: 3_600_000,
  maxUploads: 32,
  lingerMs: 5000,
  drainMs: 10_000,
};

/** One thing that happened. Never holds audio, text that was recognized, or a key. */
export interface LogLine {
  /** How bad it is. */
  readonly level: "info" | "warn" | "error";
  /** What happened, for programs. */
  readonly event: string;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** What else is known. Never a key, audio or text. */
  readonly [field: string]: string | number | boolean | undefined;
}

/** What answers, where it listens, who is let in, and what it takes at most. */
export interface ServerOptions extends Partial<ServerLimits> {
  /** What turns audio into words. Stays the caller's: `close()` leaves it open. */
  readonly recognizer: Recognizer;
  /** Default 127.0.0.1: nobody but this machine. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Keys that are let in. Without a list no key is needed, and any is accepted. */
  readonly keys?: readonly string[];
  /** A file of such keys, one a line; instead of `keys`. Refused when others may read it. */
  readonly keysFile?: string;
  /** Makes it `https:` and `wss:`; PEM. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** Closes the server as `close()` does. */
  readonly signal?: AbortSignal;
  /** Behaviors of PROTOCOL §12 that differ from their defaults. */
  readonly scenario?: Scenario;
  /** Whether a header or query may set a scenario for its own connection. Default true where no key is needed. */
  readonly allowScenarios?: boolean;
  /** Whether a URL in the place of a file is fetched (S7). Default false: it could reach what only this machine can. */
  readonly fetchUrls?: boolean;
  /** Where batch jobs are kept over restarts. Default a temporary one: they end with the server. */
  readonly dataDir?: string;
  /** Directory for uploads while they are worked on. Default the system's. */
  readonly tempDir?: string;
  /** Called for each request and each stream. Default nothing. */
  readonly log?: (line: LogLine) => void;
}

/** @throws RangeError for a bound that is none. */
export function resolveLimits(options: Partial<ServerLimits>): ServerLimits {
  const limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof ServerLimits)[]) {
    const value = options[name];
    if (value === undefined) continue;
    if (!(value > 0 || (value === 0 && name === "drainMs"))) {
      throw new RangeError(`Cannot start the server: ${name} must be above 0, got ${value}.`);
    }
    limits[name] = value;
  }
  return limits;
}
