/** Captions and transcripts with all times moved; what then lies before 0 is left out, and counted. Pure. */
import type { Cue } from "../../captions/cue.ts";
import { joinTexts, type Segment, type Transcript, transcriptWords } from "../../transcript.ts";
import { shiftTranscript } from "../transcribe/task.ts";

export interface Shifted<Value> {
  readonly value: Value;
  /** How many there were. */
  readonly total: number;
  /** How many of them would end before 0. */
  readonly lost: number;
  readonly unit: "captions" | "words" | "segments";
}

/** What would begin before 0 begins there; what would end there is left out. */
export function shiftCues(cues: readonly Cue[], seconds: number): Shifted<readonly Cue[]> {
  const value =
    seconds === 0
      ? cues
      : cues
          .map((cue) => ({
            ...cue,
            start: Math.max(0, cue.start + seconds),
            end: cue.end + seconds,
          }))
          .filter((cue) => cue.end > cue.start);
  return { value, total: cues.length, lost: cues.length - value.length, unit: "captions" };
}

/** The same for a transcript, word for word where it has words; what has no times stays. */
export function shiftRecording(transcript: Transcript, seconds: number): Shifted<Transcript> {
  const moved = shiftTranscript(transcript, seconds);
  const value = seconds < 0 ? behindZero(moved) : moved;
  const unit = transcriptWords(transcript).length > 0 ? "words" : "segments";
  const count = (one: Transcript): number =>
    unit === "words" ? transcriptWords(one).length : one.segments.length;
  const total = count(transcript);
  return { value, total, lost: total - count(value), unit };
}

function behindZero(transcript: Transcript): Transcript {
  const segments = transcript.segments.flatMap((segment) => rest(segment) ?? []);
  const gaps = transcript.gaps
    ?.filter((gap) => gap.end > 0)
    .map((gap) => ({ ...gap, start: Math.max(0, gap.start) }));
  return { ...transcript, segments, ...(gaps === undefined ? {} : { gaps }) };
}

function rest(segment: Segment): Segment | undefined {
  if (!isBehindZero(segment)) return undefined;
  const words = segment.words.filter(isBehindZero).map(fromZero);
  if (words.length === segment.words.length) return { ...fromZero(segment), words };
  if (words.length === 0) return undefined;
  const texts = words.map((word) => word.text);
  return { ...fromZero(segment), words, text: joinTexts(texts, segment.language) };
}

interface Span {
  readonly start?: number | undefined;
  readonly end?: number | undefined;
}

function isBehindZero({ start, end = start }: Span): boolean {
  return end === undefined || end > 0;
}

function fromZero<Kind extends Span>(span: Kind): Kind {
  return span.start === undefined ? span : { ...span, start: Math.max(0, span.start) };
}
