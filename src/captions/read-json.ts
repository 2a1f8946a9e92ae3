/** Reads transcripts back from JSON: our own, and whisper's and its relatives'. */
import { EverywordError, messageOf } from "../errors.ts";
import type { Gap, Segment, Transcript, Word } from "../transcript.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * A transcript from {@link writeFullJson}, {@link writeJson}, or a program of the whisper family
 * (`word` or `text`, `probability` or `score`; times may be missing). A word's surrounding space is
 * dropped.
 *
 * @throws {EverywordError} `input-unreadable` when it is no JSON or has no list of segments
 */
export function readJson(text: string): Transcript {
  const whole = parse(text);
  if (!isObject(whole) || !Array.isArray(whole["segments"])) {
    throw new EverywordError(
      "input-unreadable",
      "This JSON is no transcript: it has no list `segments`; give a file in whisper's shape or our own.",
    );
  }
  const segments = whole["segments"].filter(isObject).map(readSegment);
  const gaps = Array.isArray(whole["gaps"]) ? whole["gaps"].filter(isGap) : [];
  return {
    segments,
    ...optional("language", string(whole["language"])),
    ...optional("duration", number(whole["duration"])),
    ...(gaps.length > 0 ? { gaps } : {}),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\u{FEFF}/u, ""));
  } catch (error) {
    throw new EverywordError(
      "input-unreadable",
      `This is no JSON (${messageOf(error)}); check that the right file was given.`,
      { cause: error },
    );
  }
}

function readSegment(segment: Json, index: number): Segment {
  const words = Array.isArray(segment["words"]) ? segment["words"].filter(isObject) : [];
  const id = segment["id"];
  return {
    id: typeof id === "string" || typeof id === "number" ? String(id) : String(index),
    text: (string(segment["text"]) ?? "").trim(),
    words: words.map(readWord),
    ...optional("start", number(segment["start"])),
    ...optional("end", number(segment["end"])),
    ...optional("language", string(segment["language"])),
    ...optional("speaker", string(segment["speaker"])),
  };
}

function readWord(word: Json): Word {
  return {
    text: (string(word["text"]) ?? string(word["word"]) ?? "").trim(),
    ...optional("start", number(word["start"])),
    ...optional("end", number(word["end"])),
    ...optional(
      "confidence",
      number(word["confidence"]) ?? number(word["probability"]) ?? number(word["score"]),
    ),
    ...optional("language", string(word["language"])),
    ...optional("speaker", string(word["speaker"])),
    ...(word["estimated"] === true ? { estimated: true } : {}),
  };
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): Partial<Record<Key, Value>> {
  const entry: Partial<Record<Key, Value>> = {};
  if (value !== undefined) entry[key] = value;
  return entry;
}

function string(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isGap(value: unknown): value is Gap {
  return (
    isObject(value) &&
    number(value["start"]) !== undefined &&
    number(value["end"]) !== undefined &&
    typeof value["reason"] === "string"
  );
}
