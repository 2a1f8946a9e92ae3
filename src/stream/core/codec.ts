/**
 * From a text frame to what it means (PROTOCOL §4.3, §4.4, §10). Never throws: what it cannot read
 * is `skipped` with a reason. Top-level `text` is never looked at: it is a window, not the session
 * (P1).
 */
import { framesOf } from "./frames.ts";
import type { HeardSegment, HeardWord, SegmentKey, ServerMessage } from "./heard.ts";
import { FINAL_ID } from "./wire.ts";

type Json = Readonly<Record<string, unknown>>;

/** The words that a segment had before: a message lists again most of what the last one did. */
export interface KnownWords {
  wordsOf(key: SegmentKey): readonly HeardWord[] | undefined;
}

const NONE_KNOWN: KnownWords = { wordsOf: () => undefined };

/**
 * Reads one text frame. The order of the questions is PROTOCOL §4.4's: first match wins.
 *
 * @param known what is listed as it was before comes back as the same object, so that the caller
 *   sees at a glance what has changed, and nothing new has to be kept.
 */
export function decodeMessage(text: string, known = NONE_KNOWN): ServerMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "skipped", why: "not JSON" };
  }
  if (!isRecord(value)) return { kind: "skipped", why: "not an object" };
  if (isGiven(value["error"])) return readError(value["error"]);
  if (isGiven(value["checkpoint_id"])) return { kind: "end" };
  const object = value["object"];
  if (object === "stt.output.trace") {
    const id = stringOf(value["trace_id"]) ?? "";
    return id === FINAL_ID ? { kind: "end" } : { kind: "trace", id };
  }
  if (object === "stt.state.cleared") {
    return { kind: "cleared", id: stringOf(value["reset_id"]) ?? "" };
  }
  if ("segments" in value || "text" in value) {
    if (isFlat(value)) return { kind: "skipped", why: "words without segments" };
    return { kind: "text", segments: readSegments(value["segments"], known) };
  }
  const name = stringOf(object);
  return {
    kind: "skipped",
    why: name === undefined ? "no known key" : `unknown object "${shorten(name)}"`,
  };
}

/** Words of a window, without the segments that say which of them were told before. */
function isFlat({ segments, words }: Json): boolean {
  return !Array.isArray(segments) && Array.isArray(words) && words.length > 0;
}

function readError(error: unknown): ServerMessage {
  if (!isRecord(error)) return { kind: "error", message: shorten(String(error)), code: undefined };
  const code = error["code"];
  return {
    kind: "error",
    message: shorten(stringOf(error["message"]) ?? JSON.stringify(error)),
    code: typeof code === "string" || typeof code === "number" ? String(code) : undefined,
  };
}

function readSegments(list: unknown, known: KnownWords): HeardSegment[] {
  if (!Array.isArray(list)) return [];
  const segments: HeardSegment[] = [];
  for (const item of list as readonly unknown[]) {
    if (!isRecord(item)) continue;
    const key = keyOf(item["id"]);
    if (key === undefined) continue;
    const words = item["words"];
    segments.push({
      key,
      words:
        Array.isArray(words) && words.length > 0
          ? readWords(words, known.wordsOf(key))
          : wordsOfText(item),
    });
  }
  return segments;
}

function readWords(
  list: readonly unknown[],
  known: readonly HeardWord[] = [],
): readonly HeardWord[] {
  const words: HeardWord[] = [];
  let isKnown = true;
  for (const item of list) {
    if (!isRecord(item)) continue;
    const old = known[words.length];
    const word = readWord(item, old);
    if (word === undefined) continue;
    if (word !== old) isKnown = false;
    words.push(word);
  }
  // What is kept is a copy: an array that has grown has room for 17 words at least.
  return isKnown && words.length === known.length ? known : words.slice();
}

/** @returns `old` where that is what it says. */
function readWord(item: Json, old: HeardWord | undefined): HeardWord | undefined {
  const given = item["word"];
  const text = old !== undefined && given === old.text ? old.text : stringOf(given)?.trim();
  if (text === undefined || text === "") return undefined;
  const [startFrame, endFrame] = span(item["start"], item["end"]);
  const final = item["is_final"] === true;
  const confidence = fraction(item["probability"]);
  const code = item["language"];
  const language = old !== undefined && code === old.language ? old.language : languageOf(code);
  const isOld =
    old !== undefined &&
    text === old.text &&
    startFrame === old.startFrame &&
    endFrame === old.endFrame &&
    final === old.final &&
    confidence === old.confidence &&
    language === old.language &&
    !old.estimated;
  if (isOld) return old;
  return { text, startFrame, endFrame, final, confidence, language, estimated: false };
}

/** A segment without a word list: its text, spread evenly over its time. Never final by itself (P27). */
function wordsOfText(segment: Json): HeardWord[] {
  const texts = (stringOf(segment["text"]) ?? "").split(/\s+/u).filter((text) => text !== "");
  const [start, end] = span(segment["start"], segment["end"]);
  const language = languageOf(segment["language"]);
  return texts.map((text, index) => {
    const timed = start !== undefined && end !== undefined;
    const at = (part: number): number | undefined =>
      timed ? Math.round(start + ((end - start) * part) / texts.length) : undefined;
    return {
      text,
      startFrame: at(index),
      endFrame: at(index + 1),
      final: false,
      confidence: undefined,
      language,
      estimated: timed,
    };
  });
}

/** Both times or none; one of a pair stands for both, an end before its start is its start (U5). */
function span(start: unknown, end: unknown): [number | undefined, number | undefined] {
  const first = frameOf(start) ?? frameOf(end);
  if (first === undefined) return [undefined, undefined];
  return [first, Math.max(first, frameOf(end) ?? first)];
}

function frameOf(value: unknown): number | undefined {
  if (typeof value !== "number" || !(value >= 0) || value > LONGEST_SECONDS) return undefined;
  return framesOf(value);
}

/** A connection of a month: a larger number is not a time. */
const LONGEST_SECONDS = 31 * 86_400;

/** Numbers and numeric strings are one key; anything else that can be written is a string (P26, X1). */
function keyOf(id: unknown): SegmentKey | undefined {
  if (typeof id === "number") return Number.isFinite(id) ? id : undefined;
  if (typeof id !== "string") return undefined;
  return /^\d{1,15}$/u.test(id) ? Number(id) : id;
}

function fraction(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value <= 1 ? value : undefined;
}

/** One code; of several, joined by commas, none is the word's (U10). */
function languageOf(value: unknown): string | undefined {
  const code = stringOf(value)?.trim();
  return code === undefined || code === "" || code.includes(",") ? undefined : code;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shorten(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
