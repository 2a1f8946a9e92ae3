import { expect, test } from "vitest";
import { checkFields } from "../../../src/batch/core/fields.ts";
import { readAnswer } from "../../../src/batch/core/normalize.ts";
import type { FileResult } from "../../../src/batch/core/result.ts";
import { verboseJson } from "../../../src/batch/core/verbose-json.ts";

test("what was put together and stored is read as it was, marks of guessed times and speakers included", () => {
  const result: FileResult = {
    task: "transcribe",
    text: "one two three",
    segments: [
      {
        id: "2:0",
        text: "one two three",
        start: 1,
        end: 4,
        language: "en",
        speaker: "2:1",
        words: [
          { text: "one", start: 1, end: 2, confidence: 0.5, language: "en", speaker: "2:1" },
          { text: "two", start: 2, end: 3, estimated: true, speaker: "2:1" },
          { text: "three", start: 3, end: 4, speaker: "2:1", speakerInferred: true },
        ],
      },
    ],
    duration: 4,
    language: "en",
    languages: ["en", "de"],
    noSpeech: false,
    warnings: [],
    requestId: "r",
  };
  const fields = checkFields("transcribe", { diarize: true }, "server");
  const body = { text: verboseJson(result), contentType: "application/json" };
  const read = readAnswer(body, { fields, host: "h" });
  expect(read).toEqual({ ...result, segments: [expect.objectContaining(result.segments[0])] });
});
