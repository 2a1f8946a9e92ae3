import { expect, test } from "vitest";
import { transcribeFile } from "../../src/batch/transcribe-file.ts";
import { json, patternBytes, serveScript, temporaryFile, text } from "./script-server.ts";

/**
 * The shapes that other servers of `/v1/audio/transcriptions` document for `verbose_json`, or write
 * in their source; the values are made up.
 */
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
  // vLLM, entrypoints/openai/protocol.py, TranscriptionResponseVerbose: the duration is a text, what
  // is not known is null, words are null.
  vllm: {
    duration: "3.5",
    language: "en",
    text: "The beach was popular. It rained.",
    words: null,
    segments: [
      {
        id: 0,
        avg_logprob: null,
        compression_ratio: null,
        end: 2,
        no_speech_prob: null,
        seek: 0,
        start: 0,
        temperature: 0,
        text: " The beach was popular.",
        tokens: [440],
      },
      { id: 1, seek: 0, start: 2.2, end: 3.4, text: " It rained.", tokens: [467] },
    ],
  },
  // LocalAI, core/schema/transcription.go: Go durations, that is nanoseconds; no language, no length.
  localAi: {
    segments: [
      { id: 0, start: 0, end: 2_000_000_000, text: "The beach was popular.", tokens: [440] },
      { id: 1, start: 2_200_000_000, end: 3_400_000_000, text: "It rained.", tokens: [467] },
    ],
    text: "The beach was popular. It rained.",
  },
  // Groq's API reference: as OpenAI's, with an id of its own.
  groq: {
    task: "transcribe",
    language: "English",
    duration: 3.5,
    text: " The beach was popular. It rained.",
    segments: [
      { id: 0, seek: 0, start: 0, end: 2, text: " The beach was popular.", tokens: [50_365] },
      { id: 1, seek: 0, start: 2.2, end: 3.4, text: " It rained.", tokens: [467] },
    ],
    x_groq: { id: "req_unique_id" },
  },
};

function bare(line: string): string {
  return line.replaceAll(/[^A-Za-z ]/gu, "");
}

test.each(Object.entries(SHAPES))("%s is understood", async (_server, answer) => {
  const server = await serveScript([json(answer)]);
  const path = await temporaryFile(patternBytes(100));
  const result = await transcribeFile(path, { service: server.service, model: "whisper-1" });
  expect({
    language: result.language,
    duration: result.duration,
    text: result.text,
    segments: result.segments.map((one) => [one.text, one.start, one.end]),
    words: result.segments.map((one) => bare(one.words.map((word) => word.text).join(" "))),
  }).toEqual({
    language: "language" in answer ? "en" : undefined,
    duration: "duration" in answer ? 3.5 : undefined,
    text: "The beach was popular. It rained.",
    segments: [
      ["The beach was popular.", 0, 2],
      ["It rained.", 2.2, 3.4],
    ],
    words: JSON.stringify(answer).includes('"word"')
      ? ["The beach was popular", "It rained"]
      : ["", ""],
  });
});

/** How they say no. */
const REFUSALS: Record<string, unknown> = {
  openai: {
    error: { message: "Unknown model", type: "invalid_request_error", param: null, code: null },
  },
  vllm: {
    object: "error",
    message: "Unknown model",
    type: "NotFoundError",
    param: null,
    code: 400,
  },
  "FastAPI (speaches)": { detail: "Unknown model" },
  "FastAPI, a wrong field": {
    detail: [{ type: "enum", loc: ["body", "model"], msg: "Unknown model", input: "x" }],
  },
  whisperCpp: { error: "Unknown model" },
  localAi: { error: { code: 400, message: "Unknown model", type: "" } },
};

test.each(Object.entries(REFUSALS))("%s: its refusal is told in its own words", async (_, body) => {
  const server = await serveScript([json(body, 400)]);
  const path = await temporaryFile(patternBytes(100));
  const error = await transcribeFile(path, { service: server.service }).catch((e: unknown) => e);
  expect(error).toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(/“[^{}]*Unknown model/u),
  });
});

test("gpt-4o-transcribe answers text and tokens only, without words or times", async () => {
  const body = {
    text: "The beach was popular.",
    usage: {
      type: "tokens",
      input_tokens: 14,
      input_token_details: { text_tokens: 0, audio_tokens: 14 },
      output_tokens: 45,
      total_tokens: 59,
    },
  };
  const server = await serveScript([json(body)]);
  const path = await temporaryFile(patternBytes(100));
  const result = await transcribeFile(path, {
    service: server.service,
    model: "gpt-4o-transcribe",
    responseFormat: "json",
    words: false,
  });
  expect([result.text, result.segments.map((one) => [one.text, one.words])]).toEqual([
    "The beach was popular.",
    [["The beach was popular.", []]],
  ]);
});

test("whisper.cpp with diarize: who speaks is no part of the text, and a question mark is nobody", async () => {
  const body = {
    ...SHAPES.whisperCpp,
    text: "(speaker 0) The beach was popular.\n(speaker ?) It rained.\n",
    segments: SHAPES.whisperCpp.segments.map((one, at) => ({
      ...one,
      speaker: at === 0 ? "0" : "?",
    })),
  };
  const server = await serveScript([json(body)]);
  const path = await temporaryFile(patternBytes(100));
  const result = await transcribeFile(path, { service: server.service, diarize: true });
  // Who is not known is taken from the neighbor, and marked.
  const words = result.segments.flatMap((segment) => segment.words);
  expect([result.text, words.map((word) => [word.speaker, word.speakerInferred])]).toEqual([
    "The beach was popular.\nIt rained.",
    words.map(() => ["0", true]),
  ]);
});

test("whisper.cpp answers text with a line end for every segment", async () => {
  const server = await serveScript([text(" The beach was popular.\n It rained.\n", 200)]);
  const path = await temporaryFile(patternBytes(100));
  const result = await transcribeFile(path, { service: server.service, responseFormat: "text" });
  expect(result.text.split(/\s+/u).join(" ")).toBe("The beach was popular. It rained.");
});
