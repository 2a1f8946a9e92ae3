/** What was heard -> the answer in the asked format (PROTOCOL §5.2–§5.4, S9–S19, S22). Pure. */
import { toCues } from "../../captions/cues.ts";
import { writeSrt } from "../../captions/srt.ts";
import { writeVtt } from "../../captions/vtt.ts";
import { joinTexts, type Segment, type Transcript } from "../../transcript.ts";
import { WIRE_RATE } from "../../stream/core/wire.ts";
import type { Faults } from "../faults/faults.ts";
import type { RecognizedSegment } from "../recognizer.ts";
import { segmentText } from "../streaming/window.ts";
import type { FileRequest } from "./fields.ts";
import type { FileResult } from "./recognize-file.ts";
import { renderVerbose } from "./verbose.ts";

export interface Rendered {
  readonly contentType: "application/json" | "text/plain; charset=utf-8";
  readonly text: string;
}

/** @param requestId goes into verbose_json (S11). */
export function renderResult(
  result: FileResult,
  request: FileRequest,
  faults: Faults,
  requestId: string,
): Rendered {
  const text = resultText(result);
  switch (request.format) {
    case "json":
      if (faults.has("S9")) return json({ text });
      return json(renderVerbose(result, request, faults, requestId));
    case "verbose_json":
      return json(renderVerbose(result, request, faults, requestId));
    case "text":
      return plain(`${text}\n`, faults);
    case "srt":
      return plain(writeSrt(toCues(resultTranscript(result))), faults);
    case "vtt":
      return plain(writeVtt(toCues(resultTranscript(result))), faults);
    default:
      return json({ text });
  }
}

/** The whole text in one line. */
export function resultText(result: FileResult): string {
  const texts = result.segments.map((segment) => segmentText(segment, result.language));
  return joinTexts(texts, result.language);
}

function json(value: unknown): Rendered {
  return { contentType: "application/json", text: JSON.stringify(value) };
}

function plain(text: string, faults: Faults): Rendered {
  return faults.has("S19") ? { contentType: "text/plain; charset=utf-8", text } : json(text);
}

function resultTranscript(result: FileResult): Transcript {
  return {
    duration: result.durationSeconds,
    language: result.language,
    segments: result.segments.map((segment) => transcriptSegment(segment, result.language)),
  };
}

function transcriptSegment(segment: RecognizedSegment, language: string): Segment {
  return {
    id: String(segment.index),
    text: segmentText(segment, language),
    start: segment.startFrame / WIRE_RATE,
    end: segment.endFrame / WIRE_RATE,
    language,
    words: segment.words.map((word) => ({
      text: word.text,
      start: seconds(word.startFrame),
      end: seconds(word.endFrame),
      confidence: word.confidence,
      estimated: word.estimated,
    })),
  };
}

function seconds(frame: number | undefined): number | undefined {
  return frame === undefined ? undefined : frame / WIRE_RATE;
}
