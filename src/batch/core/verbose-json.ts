/** A result in the shape it would have been answered in (PROTOCOL §5.3): what was put together here is stored like an answer. */
import type { FileResult } from "./result.ts";

export function verboseJson(result: FileResult): string {
  return JSON.stringify({
    task: result.task,
    language: result.languages.join(","),
    duration: result.duration,
    text: result.text,
    request_id: result.requestId,
    segments: result.segments.map((segment) => ({
      id: segment.id,
      text: segment.text,
      start: segment.start,
      end: segment.end,
      language: segment.language,
      speaker_id: segment.speaker,
      words: segment.words.map((word) => ({
        word: word.text,
        start: word.start,
        end: word.end,
        probability: word.confidence,
        language: word.language,
        speaker_id: word.speaker,
        estimated: word.estimated,
        speakerInferred: word.speakerInferred,
      })),
    })),
  });
}
