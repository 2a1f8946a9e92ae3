/** What the batch client needs of HTTP: one real implementation (`node-http.ts`), one in memory for simulations. */
import type { HttpAnswer } from "./core/verdict.ts";

/** Absolute limits of our own; HTTP clients count idle time and stop at 300 s (U17). */
export interface HttpLimits {
  /** Name, connection and TLS handshake together. */
  readonly connectMs: number;
  /** Without one buffer (at most 256 KB with TLS, 1 MB without) of the body taken by the network. */
  readonly stallMs: number;
  /** From the end of the body to the end of the answer. */
  readonly responseMs: number;
  /** A longer answer is refused. */
  readonly answerBytes: number;
}

export const DEFAULT_LIMITS: HttpLimits = {
  connectMs: 20_000,
  stallMs: 60_000,
  responseMs: 1_800_000,
  answerBytes: 268_435_456,
};

/** A request without a body. */
export interface GetRequest {
  /** Whole, with its query. */
  readonly url: string;
  /** Sent as they are; never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bounds of every wait. */
  readonly limits: HttpLimits;
  /** Gives the request up. */
  readonly signal?: AbortSignal | undefined;
}

/** A request that carries a file. */
export interface UploadRequest extends GetRequest {
  /** What stands around the file. */
  readonly head: Uint8Array;
  /** Sent behind the file. */
  readonly tail: Uint8Array;
  /** The file. */
  readonly path: string;
  /** Exactly this many bytes are read and sent, from `fileOffset` on. */
  readonly fileBytes: number;
  /** Where in the file the sent bytes begin. */
  readonly fileOffset: number;
  /** What the whole file must measure until its last bytes are sent. */
  readonly fileSizeBytes: number;
  /** Where it is known. */
  readonly audioMinutes?: number | undefined;
  /** After each buffer; bytes of the whole body, `totalBytes` from the first call on. */
  readonly onProgress?: ((sentBytes: number, totalBytes: number) => void) | undefined;
  /**
   * Awaited before the last bytes leave: up to here nothing can have been accepted, from here on
   * it may have been. A rejection ends the request.
   */
  readonly beforeLast?: (() => Promise<void>) | undefined;
}

/** What batch needs of HTTP: one upload, one question. */
export interface HttpPort {
  /**
   * @throws HttpFault when no whole answer came; EverywordError `input-unreadable` when the file
   * cannot be read or shrank; the signal's reason when that fires.
   */
  upload(request: UploadRequest): Promise<HttpAnswer>;
  /** @throws HttpFault, or the signal's reason. */
  get(request: GetRequest): Promise<HttpAnswer>;
  /** Whether a connection to this host has worked in this process (PROTOCOL §1.2). */
  hostWorked(host: string): boolean;
}
