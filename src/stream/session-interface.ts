/** What a caller holds of a live session. */
import type { Outcome } from "./core/commands.ts";
import type { SessionEvent } from "./core/events.ts";

/** One transcription from the first to the last audio, across reconnects. */
export interface Session extends AsyncIterable<SessionEvent> {
  /**
   * Takes s16le 16 kHz mono audio, any byte count; copied. Resolves when there is room for more.
   * Rejects after the session has failed or was aborted, with what ended it.
   * @throws TypeError after `finish`, and at once for anything but bytes: an `Int16Array` has its bytes in `buffer`.
   */
  write(pcm: Uint8Array): Promise<void>;
  /**
   * The same for audio that begins at `mediaSeconds` of the source's own clock: a hole before it
   * becomes silence on the timeline (phones send nothing while nobody speaks), and what overlaps
   * with audio that was written before is left out. Jitter of up to 20 ms is neither.
   * @throws RangeError for a time that is none, or beyond 1e11 s.
   */
  writeAt(mediaSeconds: number, pcm: Uint8Array): Promise<void>;
  /** Takes no audio until `resume`: what is written meanwhile is left out. The clock goes on. */
  pause(): void;
  /** Goes on; the time since `pause` is a `gap` with reason `paused`. */
  resume(): void;
  /**
   * No more audio. Resolves, and never rejects, when everything was answered or a bound has passed:
   * `finishTimeoutMs` without progress on a connection, `reconnectDeadlineMs` without one.
   */
  finish(): Promise<Outcome>;
  /** Replaces the connection by a fresh one, make before break: before a limit of the server does. */
  rotate(): void;
  /**
   * Gives up now: what was not answered yet is dropped and told in no `gap`, words in progress are
   * not made final, a spill file is removed. The iteration throws `reason` after `end`. To keep what
   * was said, `finish`.
   */
  abort(reason?: unknown): void;
  /** How it ended; never rejects. */
  readonly outcome: Promise<Outcome>;
}
