/** Transcripts as JSON: in whisper's shape, for programs that read that, and in our own. */
import { transcriptText, type Transcript } from "../transcript.ts";
import { hasUnspacedScript } from "./spacing.ts";
import { readSegments, type Token } from "./tokens.ts";

/** A word in whisper's shape: its text carries the space before it, so that texts concatenate. */
interface WhisperWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  readonly probability?: number;
  readonly speaker?: string;
  readonly estimated?: true;
}

/**
 * `{text, segments, language}` as whisper writes it: segments numbered from 0 with `start`, `end`,
 * `text`, and `words`. `speaker`, `duration`, `gaps`, and `estimated` are added where known;
 * decoder internals (`tokens`, `avg_logprob`, …), which nobody told us, are not there. Ends with `\n`.
 */
export function writeJson(transcript: Transcript): string {
  const segments = readSegments(transcript).map((tokens) => {
    const segment = transcript.segments[tokens[0]?.segment ?? 0];
    const start = segment?.start ?? tokens[0]?.start ?? 0;
    const speaker = segment?.speaker ?? sharedSpeaker(tokens);
    const words = tokens.map(whisperWord);
    return {
      start: milli(start),
      end: milli(Math.max(segment?.end ?? tokens.at(-1)?.end ?? start, start)),
      text: words.map(({ word }) => word).join(""),
      words,
      ...(speaker === undefined ? {} : { speaker }),
    };
  });
  const { language, duration, gaps } = transcript;
  return `${JSON.stringify({
    text: segments.map((segment) => segment.text).join(""),
    segments: segments.map((segment, id) => ({ id, ...segment })),
    language,
    duration,
    gaps,
  })}\n`;
}

function whisperWord(token: Token, index: number): WhisperWord {
  // The first word of all has nothing before it, and its space nevertheless.
  const opens = index === 0 && token.segment === 0 && !hasUnspacedScript(token.text);
  return {
    word: `${opens || token.spaceBefore ? " " : ""}${token.text}`,
    start: milli(token.start),
    end: milli(token.end),
    ...(token.confidence === undefined ? {} : { probability: token.confidence }),
    ...(token.speaker === undefined ? {} : { speaker: token.speaker }),
    ...(token.estimated ? { estimated: true } : {}),
  };
}

function sharedSpeaker(tokens: readonly Token[]): string | undefined {
  const speaker = tokens[0]?.speaker;
  return tokens.every((token) => token.speaker === speaker) ? speaker : undefined;
}

function milli(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** The version of the shape that {@link writeFullJson} writes; it grows when a reader must know. */
export const FULL_JSON_VERSION = 1;

/** The transcript as it is, nothing estimated and nothing left out, indented. Ends with `\n`. */
export function writeFullJson(transcript: Transcript): string {
  const { language, duration, segments, gaps } = transcript;
  const whole = {
    format: "everyword-transcript",
    version: FULL_JSON_VERSION,
    language,
    duration,
    text: transcriptText(transcript),
    segments,
    gaps,
  };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}
