/** What the routes are told and what they tell: one input at a time, whichever way it goes. */
import type { Service } from "../../service.ts";
import type { Segment, Transcript } from "../../transcript.ts";
import type { ChunkOptions } from "../../resample/options.ts";

/** What is asked of the recognizer; the same for every input of a run. */
export interface Task {
  readonly service: Service;
  readonly translate: boolean;
  readonly language: string | undefined;
  readonly prompt: string | undefined;
  readonly temperature: number | undefined;
  /** As the sync route names it; `undefined` is its default. */
  readonly model: string | undefined;
  readonly diarize: boolean;
  readonly minSpeakers: number | undefined;
  readonly maxSpeakers: number | undefined;
  /** Each channel alone, as a speaker of its own. */
  readonly splitChannels: boolean;
  /** Seconds of the input. */
  readonly startSeconds: number;
  /** Seconds of the input; `Infinity` is its end. */
  readonly endSeconds: number;
  /** How raw PCM is read. */
  readonly chunkOptions: ChunkOptions;
  readonly signal: AbortSignal;
}

/** How far one input is. */
export interface Progress {
  readonly phase: "upload" | "recognize";
  /** 0 to 1, where the length is known. */
  readonly fraction?: number | undefined;
  /** Seconds of audio behind us. */
  readonly seconds?: number | undefined;
}

export interface Listener {
  progress(progress: Progress): void;
  /** A segment that is final, as soon as the route knows it; times are those of the input. */
  segment(segment: Segment): void;
  /** Something a person should know; one line. */
  warn(line: string): void;
}

/** The transcript with its times moved from the clip to the input. */
export function shiftTranscript(transcript: Transcript, seconds: number): Transcript {
  if (seconds === 0) return transcript;
  const { gaps } = transcript;
  return {
    ...transcript,
    segments: transcript.segments.map((segment) => shiftSegment(segment, seconds)),
    ...(gaps === undefined ? {} : { gaps: gaps.map((gap) => shiftSpan(gap, seconds)) }),
  };
}

export function shiftSegment(segment: Segment, seconds: number): Segment {
  if (seconds === 0) return segment;
  const words = segment.words.map((word) => shiftSpan(word, seconds));
  return { ...shiftSpan(segment, seconds), words };
}

function shiftSpan<
  Span extends { readonly start?: number | undefined; readonly end?: number | undefined },
>(span: Span, seconds: number): Span {
  return {
    ...span,
    ...(span.start === undefined ? {} : { start: span.start + seconds }),
    ...(span.end === undefined ? {} : { end: span.end + seconds }),
  };
}
