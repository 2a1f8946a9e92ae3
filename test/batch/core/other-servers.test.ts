import { expect, test } from "vitest";
import { checkFields } from "../../../src/batch/core/fields.ts";
import { readAnswer } from "../../../src/batch/core/normalize.ts";

/** The shapes that other servers of `/v1/audio/transcriptions` document for `verbose_json`; the values are made up. */
const SHAPES = {
  // OpenAI's API reference: the language by its name, words beside the segments, without punctuation.
  openai: {
    task: "transcribe",
    language: "english",
    duration: 3.5,
    text: "The beach was popular. It rained.",
    segments: [
      {
        id: 0,
        seek: 0,
        start: 0,
        end: 2,
        text: " The beach was popular.",
        tokens: [50_364, 440],
        temperature: 0,
        avg_logprob: -0.28,
        compression_ratio: 1.2,
        no_speech_prob: 0.01,
      },
      { id: 1, seek: 0, start: 2.2, end: 3.4, text: " It rained.", tokens: [467] },
    ],
    words: [
      { word: "The", start: 0, end: 0.24 },
      { word: "beach", start: 0.24, end: 0.7 },
      { word: "was", start: 0.7, end: 1 },
      { word: "popular", start: 1, end: 1.9 },
      { word: "It", start: 2.2, end: 2.4 },
      { word: "rained", start: 2.4, end: 3.3 },
    ],
    usage: { type: "duration", seconds: 4 },
  },
  // whisper.cpp's example server: words inside segments, each with its leading space.
  whisperCpp: {
    task: "transcribe",
    language: "english",
    duration: 3.5,
    text: " The beach was popular. It rained.\n",
    segments: [
      {
        id: 0,
        text: " The beach was popular.",
        start: 0,
        end: 2,
        tokens: [440],
        words: [
          { word: " The", start: 0, end: 0.24, t_dtw: -1, probability: 0.9 },
          { word: " beach", start: 0.24, end: 0.7, t_dtw: -1, probability: 0.9 },
          { word: " was", start: 0.7, end: 1, t_dtw: -1, probability: 0.9 },
          { word: " popular.", start: 1, end: 1.9, t_dtw: -1, probability: 0.9 },
        ],
        temperature: 0,
        avg_logprob: -0.2,
      },
      {
        id: 1,
        text: " It rained.",
        start: 2.2,
        end: 3.4,
        words: [
          { word: " It", start: 2.2, end: 2.4, t_dtw: -1, probability: 0.9 },
          { word: " rained.", start: 2.4, end: 3.3, t_dtw: -1, probability: 0.9 },
        ],
      },
    ],
  },
  // Servers around faster-whisper: codes, nulls where nothing is known.
  fasterWhisper: {
    task: "transcribe",
    language: "en",
    duration: 3.5,
    text: "The beach was popular. It rained.",
    words: null,
    segments: [
      { id: 1, seek: 350, start: 0, end: 2, text: " The beach was popular.", words: null },
      { id: 2, seek: 350, start: 2.2, end: 3.4, text: " It rained.", words: null },
    ],
  },
};

function bare(text: string): string {
  return text.replaceAll(/[^A-Za-z ]/gu, "");
}

test.each(Object.entries(SHAPES))("%s is understood", (_server, answer) => {
  const fields = checkFields("transcribe", { model: "whisper-1" }, "server");
  const body = { text: JSON.stringify(answer), contentType: "application/json; charset=utf-8" };
  const result = readAnswer(body, { fields, host: "h" });
  expect({
    language: result.language,
    text: result.text,
    segments: result.segments.map((one) => [one.text, one.start, one.end]),
    words: result.segments.map((one) => bare(one.words.map((word) => word.text).join(" "))),
  }).toEqual({
    language: "en",
    text: "The beach was popular. It rained.",
    segments: [
      ["The beach was popular.", 0, 2],
      ["It rained.", 2.2, 3.4],
    ],
    words:
      "words" in answer && answer.words === null
        ? ["", ""]
        : ["The beach was popular", "It rained"],
  });
});
