/** One caption: what stands on the screen between two moments. */
import type { Word } from "../transcript.ts";

/** A word as a cue shows it. A word too wide for a line is shown as several. */
export interface CueWord extends Word {
  /** Seconds. */
  readonly start: number;
  /** Seconds; never before `start`. */
  readonly end: number;
  /** Index into the cue's `lines`. */
  readonly line: number;
  /** Whether a space parts it from the word before it. At the start of a line the break stands for it. */
  readonly spaceBefore: boolean;
  /** True when the recognizer named no speaker and a neighbor's was taken (PROTOCOL P12). */
  readonly speakerInferred?: boolean | undefined;
}

/** The limits a cue can break. */
export type CueLimit =
  | "reading-speed"
  | "min-duration"
  | "max-duration"
  | "gap"
  | "overlap"
  | "characters";

/** A limit that could not be kept, and why. */
export interface BrokenLimit {
  /** Which one. */
  readonly limit: CueLimit;
  /** What the cue has, in the unit of the limit: characters a second, words a minute, or seconds. */
  readonly value: number;
  /** What the limit allows. */
  readonly allowed: number;
  /** One clause for a person: why it could not be kept. */
  readonly reason: string;
}

/** What stands on the screen between two times. */
export interface Cue {
  /** Seconds. */
  readonly start: number;
  /** Seconds; always after `start`. */
  readonly end: number;
  /** At least one, none empty, plain text without markup. */
  readonly lines: readonly string[];
  /** Who speaks; absent when nobody knows. */
  readonly speaker?: string | undefined;
  /** The words of the lines in order; absent when the cue was read from a file. */
  readonly words?: readonly CueWord[] | undefined;
  /** True when a time of the cue was interpolated, not heard. */
  readonly estimated?: boolean | undefined;
  /** Limits this cue does not keep. Absent when it keeps all. */
  readonly broken?: readonly BrokenLimit[] | undefined;
  /** Index into `words`: the word that is being said, for writers that can mark it. */
  readonly highlight?: number | undefined;
  /** The identifier of a WebVTT cue, where it was read from a file that has them. */
  readonly id?: string | undefined;
  /** WebVTT cue settings (`line:0 align:start`), as read. */
  readonly settings?: string | undefined;
}
