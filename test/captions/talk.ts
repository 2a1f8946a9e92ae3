/** Transcripts for the tests, made from plain sentences. */
import type { Segment, Transcript, Word } from "../../src/transcript.ts";

export interface SpokenOptions {
  readonly speaker?: string;
  readonly language?: string;
  /** Seconds for one word. */
  readonly pace?: number;
}

/** One segment whose words follow each other from `start`, each as long as `pace`. */
export function spoken(text: string, start: number, options: SpokenOptions = {}): Segment {
  const { pace = 0.3, speaker, language } = options;
  const words = text.split(" ").map((word, index): Word => ({
    text: word,
    start: start + index * pace,
    end: start + (index + 1) * pace,
    ...(speaker === undefined ? {} : { speaker }),
  }));
  return {
    id: `1:${start}`,
    text,
    start,
    end: start + words.length * pace,
    words,
    ...(speaker === undefined ? {} : { speaker }),
    ...(language === undefined ? {} : { language }),
  };
}

export function talk(...segments: Segment[]): Transcript {
  return { segments, language: "en" };
}
