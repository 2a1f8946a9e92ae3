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
  /** 1 for the first. */
  readonly connection: number;
  /** Which of several channels it is about. */
  readonly channel?: string | undefined;
}

/** What a segment looks like now. Replaces the earlier interim of that segment; may be withdrawn by an empty one. */
export interface InterimEvent {
  readonly type: "interim";
  /** `connection:segment`. */
  readonly segment: string;
  /** `words` as one line. */
  readonly text: string;
  /** The segment's words that are not final yet. */
  readonly words: readonly Word[];
}

/**
 * Words that will not change. A segment that grows after it was final yields a further event with
 * the same `segment`, holding only the new words.
 */
export interface FinalEvent {
  readonly type: "final";
  /** `connection:segment`. */
  readonly segment: string;
  /** `words` as one line. */
  readonly text: string;
  /** Only words that no earlier `final` had. */
  readonly words: readonly Word[];
}

/** Nothing is known of the audio between these bounds, exact to the sample. */
export interface GapEvent {
  readonly type: "gap";
  /** Seconds since the first sample. */
  readonly start: number;
  /** Seconds since the first sample; always after `start`. */
  readonly end: number;
  /** Why, in a word that programs can compare: `evicted`, `dropped`, `paused`, … */
  readonly reason: string;
  /** Which of several channels it is about. */
  readonly channel?: string | undefined;
}

/** The connection is lost; the next dial is `delayMs` away. Audio goes on being accepted. */
export interface ReconnectingEvent {
  readonly type: "reconnecting";
  /** Dials without an answer so far, the coming one included. */
  readonly attempt: number;
  /** Until the dial, in milliseconds. */
  readonly delayMs: number;
  /** What broke, for a person. */
  readonly cause: string;
  /** Which of several channels it is about. */
  readonly channel?: string | undefined;
}

/** A connection is open again and takes up where the lost one was acknowledged. */
export interface ReconnectedEvent {
  readonly type: "reconnected";
  /** Its number, counted from 1 over the whole session. */
  readonly connection: number;
  /** Audio that is sent once more. */
  readonly replayedSeconds: number;
  /** Which of several channels it is about. */
  readonly channel?: string | undefined;
}

/** Something went wrong that the session survived. `code` is for programs. */
export interface WarningEvent {
  readonly type: "warning";
  /** What it was, for programs. */
  readonly code: string;
  /** One sentence for a person. */
  readonly message: string;
  /** Which of several channels it is about. */
  readonly channel?: string | undefined;
}

/** Always the last event. */
export interface EndEvent {
  readonly type: "end";
  /** `complete`: all audio was answered. `timed-out`: the end marker was not echoed in time. `failed`, `aborted`. */
  readonly reason: "complete" | "timed-out" | "failed" | "aborted";
  /** Length of the timeline, silence that was not sent included. */
  readonly audioSeconds: number;
  /** Words in all finals. */
  readonly words: number;
  /** How many `gap` events there were. */
  readonly gaps: number;
  /** How many connections replaced a lost one. */
  readonly reconnects: number;
}

/** Every event of a session; tell them apart by `type`. */
export type SessionEvent =
  | ConnectedEvent
  | InterimEvent
  | FinalEvent
  | GapEvent
  | ReconnectingEvent
  | ReconnectedEvent
  | WarningEvent
  | EndEvent;
