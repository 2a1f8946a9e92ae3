/** The `verbose_json` answer (PROTOCOL §5.3) and the quirks that a scenario gives it (§5.4). Pure. */
import { joinTexts } from "../../transcript.ts";
import { WIRE_RATE } from "../../stream/core/wire.ts";
import type { Faults } from "../faults/faults.ts";
import type { RecognizedSegment, RecognizedWord } from "../recognizer.ts";
import { scores, segmentText } from "../streaming/window.ts";
import type { FileRequest } from "./fields.ts";
import type { FileResult } from "./recognize-file.ts";

interface VerboseWord {
  readonly word: string;
  readonly language: string;
  readonly probability?: number;
  readonly hallucination_score?: number;
  readonly start?: number;
  readonly end?: number;
  readonly speaker_id?: string;
  readonly retry_count?: number;
}

interface VerboseSegment {
  readonly id: number;
  readonly text: string;
  readonly language: string;
  readonly start: number;
  readonly end: number;
  readonly words?: readonly VerboseWord[] | null;
  readonly [extra: string]: unknown;
}

/** @param requestId is sent as `request_id` (S11). */
export function renderVerbose(
  result: FileResult,
  request: FileRequest,
  faults: Faults,
  requestId: string,
): object {
  const heard = faults.has("S16") ? fuse(result.segments) : result.segments;
  const language = faults.get("S18")?.text("languages") ?? result.language;
  const segments = heard.map((segment, id) =>
    verboseSegment(segment, id, language, result.language, request, faults),
  );
  const words = segments.flatMap((segment) => segment.words ?? []);
  const nothing = segments.length === 0 && faults.variant("S17") === "null" ? null : undefined;
  const absent = faults.variant("S10") === "null" ? null : undefined;
  const both = request.wordTimes && request.segmentTimes;
  const listed = both ? segments : segments.map((segment) => ({ ...segment, words: absent }));
  const task = request.task === "translate" && faults.variant("S22") === "transcribe";
  return {
    task: task ? "transcribe" : request.task,
    language,
    duration: result.durationSeconds,
    text: joinTexts(
      segments.map((segment) => segment.text),
      result.language,
    ),
    words: request.wordTimes ? (nothing === undefined ? words : null) : absent,
    segments: request.segmentTimes ? (nothing === undefined ? listed : null) : absent,
    ...(faults.has("S11") ? { request_id: requestId } : {}),
  };
}

function verboseSegment(
  segment: RecognizedSegment,
  id: number,
  language: string,
  wordLanguage: string,
  request: FileRequest,
  faults: Faults,
): VerboseSegment {
  const start = segment.startFrame / WIRE_RATE;
  const end = segment.endFrame / WIRE_RATE;
  const collapsed = faults.has("S12");
  const speaker = request.diarize ? { speaker_id: String(id % 2) } : {};
  const words = segment.words.map((word, at) =>
    verboseWord(word, segment, {
      language: wordLanguage,
      speaker: request.diarize && !(faults.variant("S15") === "missing" && at % 3 === 1),
      speakerId: String(id % 2),
      scores: request.task === "transcribe" || faults.variant("S22") !== "no-scores",
      faults,
    }),
  );
  return {
    id,
    text: segmentText(segment, wordLanguage),
    language,
    start,
    end: collapsed ? start : end,
    ...speaker,
    words: faults.has("S14") ? words.toReversed() : words,
    ...extras(start, end, faults),
  };
}

interface WordRules {
  readonly language: string;
  readonly speaker: boolean;
  readonly speakerId: string;
  readonly scores: boolean;
  readonly faults: Faults;
}

function verboseWord(
  word: RecognizedWord,
  segment: RecognizedSegment,
  rules: WordRules,
): VerboseWord {
  return {
    word: word.text,
    language: rules.language,
    ...(rules.scores ? scores(word.confidence) : {}),
    ...wordSpan(word, segment, rules.faults),
    ...(rules.speaker ? { speaker_id: rules.speakerId } : {}),
    ...(rules.faults.has("S11") ? { retry_count: 0 } : {}),
  };
}

function wordSpan(
  word: RecognizedWord,
  segment: RecognizedSegment,
  faults: Faults,
): { start?: number; end?: number } {
  if (faults.has("S12")) {
    const at = segment.startFrame / WIRE_RATE;
    return { start: at, end: at };
  }
  if (word.startFrame === undefined || word.endFrame === undefined) return {};
  const late = faults.get("S13")?.number("seconds") ?? 0;
  return { start: word.startFrame / WIRE_RATE + late, end: word.endFrame / WIRE_RATE + late };
}

/**
 * Undocumented fields (S11). What says something true is always there; decoder internals, which
 * this server does not have, only when a scenario asks for them.
 */
function extras(start: number, end: number, faults: Faults): Readonly<Record<string, unknown>> {
  if (!faults.has("S11")) return {};
  const known = { audio_start: start, audio_end: end, retry_count: 0 };
  if (!faults.asked("S11")) return known;
  return {
    ...known,
    tokens: [50_364, 50_414],
    seek: Math.round(start * 100),
    temperature: 0,
    avg_logprob: -0.25,
    compression_ratio: 1.25,
    no_speech_prob: 1.5,
    no_speech: false,
  };
}

/** Everything in one segment (S16). */
function fuse(segments: readonly RecognizedSegment[]): RecognizedSegment[] {
  const first = segments[0];
  const last = segments.at(-1);
  if (first === undefined || last === undefined) return [];
  return [
    {
      index: 0,
      startFrame: first.startFrame,
      endFrame: last.endFrame,
      words: segments.flatMap((segment) => segment.words),
      final: true,
    },
  ];
}
