/**
 * What went wrong below HTTP, in words of our own: the drivers make these out of their sockets'
 * errors, the core decides on them.
 */

/** How far a request had come. */
export type FaultStage = "resolve" | "connect" | "secure" | "upload" | "answer";

export type FaultKind =
  /** The name does not exist. A resolver that is only out of order is `broken`. */
  | "host-not-found"
  /** The other side refused the TLS handshake. */
  | "tls-refused"
  /** Its certificate is not one we trust. */
  | "certificate"
  /** Nobody listens there. */
  | "refused"
  /** Reset, closed, cut off. */
  | "broken"
  /** One of our own time limits passed. */
  | "timed-out"
  /** The answer is no HTTP, or is larger than its bound. */
  | "garbled";

/** A request that got no (whole) answer. */
export class HttpFault extends Error {
  override readonly name = "HttpFault";
  readonly kind: FaultKind;
  readonly stage: FaultStage;
  /** True when the last byte of the body may have reached the other side: it may have accepted the request. */
  readonly bodySent: boolean;

  constructor(
    kind: FaultKind,
    stage: FaultStage,
    bodySent: boolean,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.stage = stage;
    this.bodySent = bodySent;
  }
}
