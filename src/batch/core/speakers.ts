/** Speaker labels: one spelling, and the words that have none (PROTOCOL §5.3, P12, U15). */
import type { Word } from "../../transcript.ts";

/** `0`, `"0"`, `speaker-0` and `SPEAKER_00` are all `"0"`, `?` is none; any other text stays as it is. */
export function speakerLabel(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (text === "" || text === "?") return undefined;
  const number = /^(?:speaker[\s_-]*)?(\d{1,6})$/iu.exec(text)?.[1];
  return number === undefined ? text : String(Number(number));
}

/** whisper.cpp writes who speaks into the text as well, at the beginning of each line. */
export function withoutSpeakers(text: string): string {
  return text.replaceAll(/^\(speaker [\d?]+\)\s*/gmu, "");
}

/**
 * A word without a speaker gets the one of the word before it, at the beginning that of the first
 * word that has one; such words are marked `speakerInferred`. Without any speaker nothing changes.
 */
export function inheritSpeakers(words: readonly Word[]): Word[] {
  let speaker = words.find((word) => word.speaker !== undefined)?.speaker;
  if (speaker === undefined) return [...words];
  return words.map((word) => {
    if (word.speaker === undefined) return { ...word, speaker, speakerInferred: true };
    speaker = word.speaker;
    return word;
  });
}

/** The speaker all words agree on. */
export function commonSpeaker(words: readonly Word[]): string | undefined {
  const first = words[0]?.speaker;
  return words.every((word) => word.speaker === first) ? first : undefined;
}
