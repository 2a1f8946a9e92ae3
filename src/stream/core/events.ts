/**
 * What a live session tells its caller: the library's events and, one JSON object a line, the
 * output of `everyword live --jsonl`. The shape is public.
 *
 * All times are seconds since the first sample of the session. Every recognized word is in exactly
 * one `final`; the words of the `final` events in order are the transcript.
 */
import type { Word } from "../../transcript.ts";

/** A WebSocket is open; `connection` counts from 1. */
export interface ConnectedEvent {
  readonly type: "connected";
  readonly connection: number;
}

/** What a segment looks like now. Replaces the earlier interim of that segment; may be withdrawn by an empty one. */
export interface InterimEvent {
  readonly type: "interim";
  /** `connection:segment`. */
  readonly segment: string;
  readonly text: string;
  readonly words: readonly Word[];
}

/**
 * Words that will not change. A segment that grows after it was final yields a further event with
 * the same `segment`, holding only the new words.
 */
export interface FinalEvent {
  readonly type: "final";
  readonly segment: string;
  readonly text: string;
  readonly words: readonly Word[];
}

/** Nothing is known of the audio between these bounds, exact to the sample. */
export interface GapEvent {
  readonly type: "gap";
  readonly start: number;
  readonly end: number;
  readonly reason: string;
}

/** The connection is lost; the next dial is `delayMs` away. Audio goes on being accepted. */
export interface ReconnectingEvent {
  readonly type: "reconnecting";
  readonly attempt: number;
  readonly delayMs: number;
  readonly cause: string;
}

export interface ReconnectedEvent {
  readonly type: "reconnected";
  readonly connection: number;
  readonly replayedSeconds: number;
}

/** Something went wrong that the session survived. `code` is for programs. */
export interface WarningEvent {
  readonly type: "warning";
  readonly code: string;
  readonly message: string;
}

/** Always the last event. */
export interface EndEvent {
  readonly type: "end";
  /** `complete`: all audio was answered. `timed-out`: the end marker was not echoed in time. `failed`, `aborted`. */
  readonly reason: "complete" | "timed-out" | "failed" | "aborted";
  readonly audioSeconds: number;
  readonly words: number;
  readonly gaps: number;
  readonly reconnects: number;
}

export type SessionEvent =
  | ConnectedEvent
  | InterimEvent
  | FinalEvent
  | GapEvent
  | ReconnectingEvent
  | ReconnectedEvent
  | WarningEvent
  | EndEvent;
