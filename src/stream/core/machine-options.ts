/** The session machine's settings, each with its bound. */
import { DEFAULT_RETRY } from "../../retry.ts";
import type { EndForm } from "./encode.ts";
import type { DialTarget } from "./failure.ts";
import { framesOf } from "./frames.ts";
import { levelOf } from "./loudness.ts";
import type { RedialLimits } from "./redial.ts";

export interface MachineOptions {
  readonly target: DialTarget;
  /** 1 = real time, `max` = as fast as the other side answers. */
  readonly pace: number | "max";
  /** Frames of one audio message in real time; 800 to 6400 (PROTOCOL §4.2). */
  readonly chunkFrames: number;
  /** Overdue audio goes out at this multiple of the pace, 1 to 4 (PROTOCOL §4.2). */
  readonly catchUp: number;
  /** Bound of the replay buffer. */
  readonly replayFrames: number;
  /** Audio between two traces; 0 = never ask. */
  readonly traceFrames: number;
  /** Bound of the audio that was sent and not yet answered, once traces are known to be answered. */
  readonly inFlightFrames: number;
  /** What a full queue does: `wait` slows the writer, `drop` lets the oldest audio go with a gap. */
  readonly whenFull: "wait" | "drop";
  readonly endForm: EndForm;
  readonly handshakeTimeoutMs: number;
  /** Longest time without any progress after the end marker. */
  readonly finishTimeoutMs: number;
  /** Silence of the other side after which a connection counts as dead. */
  readonly stallMs: number;
  /** Something is sent at least this often. */
  readonly keepAliveMs: number;
  /** Age at which a connection is replaced, once a fresh one would begin further on; Infinity = never. */
  readonly rotateAfterMs: number;
  readonly redial: RedialLimits;
  /** Loudness of a message, 0 to 32 768. */
  readonly level: (bytes: Uint8Array) => number;
}

export const DEFAULT_MACHINE_OPTIONS: Omit<MachineOptions, "target"> = {
  pace: 1,
  chunkFrames: 800,
  catchUp: 3,
  replayFrames: framesOf(60),
  traceFrames: framesOf(2),
  inFlightFrames: framesOf(30),
  whenFull: "wait",
  endForm: "checkpoint",
  handshakeTimeoutMs: 10_000,
  finishTimeoutMs: 10_000,
  stallMs: 5000,
  keepAliveMs: 10_000,
  rotateAfterMs: Number.POSITIVE_INFINITY,
  level: levelOf,
  redial: {
    policy: { ...DEFAULT_RETRY, attempts: 30 },
    firstAttempts: 2,
    deadlineMs: 120_000,
  },
};
