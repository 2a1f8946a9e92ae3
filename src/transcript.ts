/**
 * The words everything else is about. Times are seconds since the first sample of the session or
 * file; a missing time is `undefined`, never 0.
 */

/** One recognized word, as it will be read: punctuation attached, no spaces around it. */
export interface Word {
  /** As it is read: with its punctuation, without spaces. */
  readonly text: string;
  /** Seconds since the first sample; `undefined` when the recognizer gave none. */
  readonly start?: number | undefined;
  /** Seconds since the first sample; never before `start`. */
  readonly end?: number | undefined;
  /** 0 to 1; absent when the recognizer gave none. */
  readonly confidence?: number | undefined;
  /** ISO 639 code of this word, where it is known. */
  readonly language?: string | undefined;
  /** Who speaks: a diarization label or the name of a channel. */
  readonly speaker?: string | undefined;
  /** True when `start` and `end` were interpolated, not heard. */
  readonly estimated?: boolean | undefined;
  /** True when `speaker` was taken over from a neighboring word. */
  readonly speakerInferred?: boolean | undefined;
}

/** A stretch of speech that the recognizer numbered. */
export interface Segment {
  /** Unique in its transcript. For a live session `connection:segment`. */
  readonly id: string;
  /** Its words as one line. */
  readonly text: string;
  /** Seconds since the first sample; `undefined` when the recognizer gave none. */
  readonly start?: number | undefined;
  /** Seconds since the first sample; never before `start`. */
  readonly end?: number | undefined;
  /** In the order in which they were said; empty when the recognizer gave only text. */
  readonly words: readonly Word[];
  /** ISO 639 code, where it is known. */
  readonly language?: string | undefined;
  /** Who speaks: a diarization label or the name of a channel. */
  readonly speaker?: string | undefined;
}

/** A stretch of audio of which nothing is known, with its exact bounds in seconds. */
export interface Gap {
  /** Seconds since the first sample. */
  readonly start: number;
  /** Seconds since the first sample; always after `start`. */
  readonly end: number;
  /** Why, in a word that programs can compare: `evicted`, `dropped`, `paused`, … */
  readonly reason: string;
}

/** Final segments in order. `captions` takes it as it is. */
export interface Transcript {
  /** In the order in which they became final. */
  readonly segments: readonly Segment[];
  /** Seconds of audio. */
  readonly duration?: number | undefined;
  /** ISO 639 code, where it is known; segments and words may have others. */
  readonly language?: string | undefined;
  /** Stretches of which nothing is known; absent or empty when there are none. */
  readonly gaps?: readonly Gap[] | undefined;
}

const UNSPACED = /^(zh|ja|th|yue|lo|my|km|bo)\b/u;

/** Whether words of this language are written without spaces between them (PROTOCOL §4.5.10). */
export function isUnspacedLanguage(language: string | undefined): boolean {
  return language !== undefined && UNSPACED.test(language);
}

/** Texts of words or segments as one line: trimmed, empty ones dropped, joined as the language is written. */
export function joinTexts(texts: readonly string[], language?: string): string {
  const separator = isUnspacedLanguage(language) ? "" : " ";
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .join(separator);
}

/** Every word of the transcript, in order. */
export function transcriptWords(transcript: Transcript): Word[] {
  return transcript.segments.flatMap((segment) => segment.words);
}

/** The whole transcript as one line of text. */
export function transcriptText(transcript: Transcript): string {
  return joinTexts(
    transcript.segments.map((segment) => segment.text),
    transcript.language,
  );
}
