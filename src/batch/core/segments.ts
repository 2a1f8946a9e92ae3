/** The `words` and `segments` of an answer as segments that hold their words (PROTOCOL §5.3, U13–U15). */
import { languageCode } from "../../languages.ts";
import { joinTexts, type Segment, type Word } from "../../transcript.ts";
import { isRecord } from "../../error-body.ts";
import { commonSpeaker, inheritSpeakers, speakerLabel } from "./speakers.ts";
import { seconds, sortWords, span } from "./word-times.ts";

/** A segment with what only the answer knows. */
export interface ReadSegment extends Segment {
  /** True extent of the speech, where the answer has it. */
  readonly audioStart: number | undefined;
  readonly audioEnd: number | undefined;
}

export interface ReadSegments {
  readonly segments: readonly ReadSegment[];
  /** Words stood in another order than their times. */
  readonly sorted: boolean;
  readonly wordsGiven: boolean;
}

/** Comma-joined languages (X8), of which the first counts; OpenAI writes names instead of codes. */
export function languagesOf(value: unknown): string[] {
  if (typeof value !== "string") return [];
  const names = value.split(",").map((name) => name.trim());
  return names.filter((name) => name !== "").map((name) => languageCode(name) ?? name);
}

/** Reads any mixture of top-level words, top-level segments and nested words. */
export function readSegments(answer: Readonly<Record<string, unknown>>): ReadSegments {
  const given = listOf(answer["segments"]);
  const flat = readWords(answer["words"]);
  const read = sortSegments(uniqueIds(given.flatMap(readSegment)));
  const nested = read.some((segment) => segment.words.length > 0);
  const full = nested || flat.length === 0 ? read : placeWords(read, sortWords(flat));
  const built = full.length > 0 ? full : cutAtPauses(sortWords(flat));
  let sorted = !nested && inOtherOrder(flat, sortWords(flat));
  const segments = built.map((segment) => {
    const words = sortWords(segment.words);
    sorted ||= inOtherOrder(words, segment.words);
    return { ...segment, words };
  });
  return { segments: shareSpeakers(segments), sorted, wordsGiven: nested || flat.length > 0 };
}

function inOtherOrder(left: readonly Word[], right: readonly Word[]): boolean {
  return left.some((word, index) => word !== right[index]);
}

function readSegment(value: unknown, index: number): ReadSegment[] {
  if (!isRecord(value)) return [];
  const words = readWords(value["words"]);
  const language = languagesOf(value["language"])[0];
  const text = typeof value["text"] === "string" ? value["text"].trim() : "";
  const id = value["id"];
  return [
    {
      id: typeof id === "number" || typeof id === "string" ? String(id) : String(index),
      text: text === "" ? joinTexts(texts(words), language) : text,
      ...span(seconds(value["start"]), seconds(value["end"])),
      words,
      language,
      speaker: speakerLabel(value["speaker_id"] ?? value["speaker"]),
      audioStart: seconds(value["audio_start"]),
      audioEnd: seconds(value["audio_end"]),
    },
  ];
}

/** `words` is a list, null, absent, or (translation, X9) printed as one object. */
function readWords(value: unknown): Word[] {
  return listOf(value).flatMap((item) => {
    if (!isRecord(item)) return [];
    const text = item["word"] ?? item["text"];
    if (typeof text !== "string" || text.trim() === "") return [];
    const probability = item["probability"] ?? item["confidence"];
    const times = span(
      seconds(item["start"] ?? item["words.start"]),
      seconds(item["end"] ?? item["words.end"]),
    );
    const word: Word = {
      text: text.trim(),
      ...times,
      confidence:
        typeof probability === "number" && probability >= 0 && probability <= 1
          ? probability
          : undefined,
      language: languagesOf(item["language"])[0],
      speaker: speakerLabel(item["speaker_id"] ?? item["speaker"]),
      // Marks of our own, of the local server and of what was stitched and stored.
      ...(item["estimated"] === true ? { estimated: true } : {}),
      ...(item["speakerInferred"] === true ? { speakerInferred: true } : {}),
    };
    return [word];
  });
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? [value] : [];
}

/** Ids that repeat are worthless: then the position is the id. */
function uniqueIds(segments: readonly ReadSegment[]): readonly ReadSegment[] {
  const unique = new Set(segments.map((segment) => segment.id)).size === segments.length;
  return unique ? segments : segments.map((segment, index) => ({ ...segment, id: String(index) }));
}

function sortSegments(segments: readonly ReadSegment[]): readonly ReadSegment[] {
  if (segments.some((segment) => segment.start === undefined)) return segments;
  return segments.toSorted((left, right) => (left.start ?? 0) - (right.start ?? 0));
}

/** Flat words go to the segment that holds their middle, or to the nearer neighbor; without times to the word before. */
function placeWords(
  segments: readonly ReadSegment[],
  words: readonly Word[],
): readonly ReadSegment[] {
  if (segments.length === 0) return [];
  const buckets: Word[][] = segments.map(() => []);
  let at = 0;
  for (const word of words) {
    const middle =
      word.start === undefined ? undefined : (word.start + (word.end ?? word.start)) / 2;
    if (middle !== undefined) {
      while (at < segments.length - 1 && closer(segments[at], segments[at + 1], middle)) at += 1;
    }
    buckets[at]?.push(word);
  }
  return segments.map((segment, index) => ({ ...segment, words: buckets[index] ?? [] }));
}

/** Whether `middle` is nearer to the next segment than to this one. */
function closer(here: Segment | undefined, next: Segment | undefined, middle: number): boolean {
  return distance(next, middle) < distance(here, middle);
}

function distance(segment: Segment | undefined, middle: number): number {
  const start = segment?.start;
  if (start === undefined) return Number.POSITIVE_INFINITY;
  if (middle < start) return start - middle;
  return Math.max(0, middle - (segment?.end ?? start));
}

const PAUSE_SECONDS = 1;
const LONGEST_SECONDS = 30;

/** Words without segments (granularity `word`): cut at pauses of a second, new speakers, and 30 s. */
function cutAtPauses(words: readonly Word[]): ReadSegment[] {
  const runs: Word[][] = [];
  let from = 0;
  let previous: Word | undefined;
  for (const word of words) {
    const start = word.start ?? previous?.end ?? 0;
    const cut =
      previous === undefined ||
      start - (previous.end ?? start) >= PAUSE_SECONDS ||
      word.speaker !== previous.speaker ||
      (word.end ?? start) - from > LONGEST_SECONDS;
    if (cut) {
      runs.push([]);
      from = start;
    }
    runs.at(-1)?.push(word);
    previous = word;
  }
  return runs.map((run, index) => ({
    id: String(index),
    text: joinTexts(texts(run), run[0]?.language),
    start: run[0]?.start,
    end: run.at(-1)?.end,
    words: run,
    language: run[0]?.language,
    audioStart: undefined,
    audioEnd: undefined,
  }));
}

/** P12 over the whole file, so that a word at a segment's beginning has a neighbor too. */
function shareSpeakers(segments: readonly ReadSegment[]): ReadSegment[] {
  const labelled = segments.map((segment) => segment.words.map((word) => speakerIn(word, segment)));
  const all = inheritSpeakers(labelled.flat());
  let at = 0;
  return segments.map((segment) => {
    const words = all.slice(at, at + segment.words.length);
    at += segment.words.length;
    return { ...segment, words, speaker: segment.speaker ?? commonSpeaker(words) };
  });
}

function speakerIn(word: Word, segment: ReadSegment): Word {
  if (word.speaker !== undefined || segment.speaker === undefined) return word;
  return { ...word, speaker: segment.speaker, speakerInferred: true };
}

function texts(words: readonly Word[]): string[] {
  return words.map((word) => word.text);
}
