/**
 * The spill port: where a session keeps what the memory does not hold, and what a new process would
 * have to know to take it up. The driver's is a file (`spill-file.ts`); the simulation's an array.
 *
 * It is synchronous on purpose: a slab every quarter of a second goes to the page cache in
 * microseconds, and the session never has to wait for audio that it wants to send.
 */
import type { ConnectedEvent, EndEvent, FinalEvent, GapEvent, ReconnectedEvent } from "./events.ts";

/** Time passed without audio: `frame` is the first one after it (`media-clock.ts`). */
export interface JumpEntry {
  readonly type: "jump";
  /** First frame behind the silence. */
  readonly frame: number;
  /** How many frames of silence. */
  readonly frames: number;
}

/** What is worth remembering of a session: the events that stand, and the jumps of its clock. */
export type JournalEntry =
  | FinalEvent
  | GapEvent
  | ConnectedEvent
  | ReconnectedEvent
  | EndEvent
  | JumpEntry;

/** A session as far as it came. */
export interface Journal {
  /** In the order in which they happened. */
  readonly entries: readonly JournalEntry[];
  /** One past the last frame of the audio that is kept. */
  readonly endFrame: number;
  /** Everything before it was answered for good. */
  readonly answeredFrame: number;
}

/**
 * Holds one unbroken stretch of audio, from `baseFrame` to the end of what was put last, as far as
 * its bound allows: then the oldest falls out. Nothing here throws.
 */
export interface Spill {
  /** The oldest frame that can be had; Infinity = none. */
  readonly baseFrame: number;
  /** What was there before this process: the session goes on from it. */
  readonly journal?: Journal | undefined;
  /**
   * Keeps the audio that begins at `frame`, a multiple of the slab's frames: a whole slab, or the
   * beginning of one that is put again when there is more of it.
   * @returns a sentence about what does not fit or does not work, the first time only.
   */
  put(frame: number, bytes: Uint8Array): string | undefined;
  /** The slab that begins at `frame`, valid until the next call; `undefined` = it cannot be read. */
  get(frame: number): Uint8Array | undefined;
  /** Everything before `frame` was answered for good and is not needed any more. */
  release(frame: number): void;
  /** Remembers an entry before it is told. After `end` nothing more comes. */
  note(entry: JournalEntry): void;
}
