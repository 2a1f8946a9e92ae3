import { expect, test } from "vitest";
import { checkFields, type FileFields } from "../../../src/batch/core/fields.ts";
import { type NormalizeOptions, readAnswer } from "../../../src/batch/core/normalize.ts";
import type { FileResult } from "../../../src/batch/core/result.ts";
import { EverywordError } from "../../../src/errors.ts";

function read(
  answer: unknown,
  fields: FileFields = {},
  options: Partial<NormalizeOptions> = {},
): FileResult {
  return readAnswer(
    { text: JSON.stringify(answer), contentType: "application/json" },
    { fields: checkFields("transcribe", fields, "server"), host: "h", ...options },
  );
}

function readText(text: string, responseFormat: "text" | "srt" | "vtt"): FileResult {
  const fields = checkFields("transcribe", { responseFormat }, "server");
  return readAnswer({ text, contentType: "text/plain; charset=utf-8" }, { fields, host: "h" });
}

/** `text start end speaker` for each word. */
function shape(result: FileResult): unknown {
  return result.segments.map((segment) =>
    segment.words.map((word) => [word.text, word.start, word.end, word.speaker]),
  );
}

const codes = (result: FileResult): string[] => result.warnings.map((warning) => warning.code);

test("S10: flat words find their segments; OpenAI-compatible servers answer so", () => {
  const result = read({
    text: "One two. Three.",
    segments: [
      { id: 0, text: " One two.", start: 0, end: 2 },
      { id: 1, text: " Three.", start: 2.5, end: 4 },
    ],
    words: [
      { word: " One", start: 0, end: 0.5 },
      { word: " two", start: 1, end: 2.1 },
      { word: " Three", start: 2.3, end: 3 },
    ],
  });
  expect([shape(result), result.segments.map((segment) => segment.text)]).toEqual([
    [
      [
        ["One", 0, 0.5, undefined],
        ["two", 1, 2.1, undefined],
      ],
      [["Three", 2.3, 3, undefined]],
    ],
    ["One two.", "Three."],
  ]);
});

test("words without segments are cut at pauses, at new speakers and after 30 s", () => {
  const words = [
    { word: "a", start: 0, end: 0.5, speaker_id: "0" },
    { word: "b", start: 0.6, end: 1, speaker_id: "0" },
    { word: "c", start: 2.5, end: 3, speaker_id: "0" },
    { word: "d", start: 3, end: 3.5, speaker_id: "1" },
    { word: "e", start: 3.6, end: 35, speaker_id: "1" },
  ];
  const result = read({ text: "a b c d e", words, segments: null });
  expect(result.segments.map((one) => [one.text, one.start, one.end, one.speaker])).toEqual([
    ["a b", 0, 1, "0"],
    ["c", 2.5, 3, "0"],
    ["d", 3, 3.5, "1"],
    ["e", 3.6, 35, "1"],
  ]);
});

test("U14, S14: unsorted words are sorted, a reversed pair has no length, and it is said", () => {
  const result = read({
    text: "b a c",
    segments: [
      {
        id: 0,
        text: "b a c",
        start: 0,
        end: 3,
        words: [
          { word: "b", start: 1, end: 2 },
          { word: "a", start: 0, end: 1 },
          { word: "c", start: 3, end: 2 },
        ],
      },
    ],
  });
  expect([shape(result), codes(result)]).toEqual([
    [
      [
        ["a", 0, 1, undefined],
        ["b", 1, 2, undefined],
        ["c", 3, 3, undefined],
      ],
    ],
    ["words-sorted"],
  ]);
});

const COLLAPSED = {
  text: "раз два",
  segments: [
    {
      id: 0,
      text: "раз два",
      start: 4,
      end: 4,
      audio_start: 4,
      audio_end: 6,
      words: [
        { word: "раз", start: 4, end: 4 },
        { word: "два", start: 4, end: 4 },
      ],
    },
  ],
};

test("P8, S12: times that are all the same are left out, and the segment gets its true extent", () => {
  const result = read(COLLAPSED);
  expect([shape(result), result.segments[0]?.end, codes(result)]).toEqual([
    [
      [
        ["раз", undefined, undefined, undefined],
        ["два", undefined, undefined, undefined],
      ],
    ],
    6,
    ["word-times-collapsed"],
  ]);
});

test("P8: times are invented only when asked, and marked", () => {
  const result = read(COLLAPSED, {}, { spreadWords: true });
  expect(result.segments[0]?.words).toMatchObject([
    { start: 4, end: 5, estimated: true },
    { start: 5, end: 6, estimated: true },
  ]);
});

test("P12, U15: speakers in any spelling; a word without one inherits it, marked", () => {
  const words = [
    { word: "a", start: 0, end: 1 },
    { word: "b", start: 1, end: 2, speaker_id: "SPEAKER_00" },
    { word: "c", start: 2, end: 3 },
    { word: "d", start: 3, end: 4, speaker_id: 1 },
    { word: "e", start: 4, end: 5, speaker_id: "speaker-1" },
    { word: "f", start: 5, end: 6, speaker_id: "Ada" },
  ];
  const result = read({ text: "", segments: [{ id: 0, text: "", start: 0, end: 6, words }] });
  expect(
    result.segments[0]?.words.map((word) => [word.speaker, word.speakerInferred ?? false]),
  ).toEqual([
    ["0", true],
    ["0", false],
    ["0", true],
    ["1", false],
    ["1", false],
    ["Ada", false],
  ]);
});

test.each([
  ["lists", { text: "", language: "en", words: [], segments: [] }],
  ["nulls", { text: "", words: null, segments: null }],
  ["nothing", { text: "  " }],
  ["empty segment", { text: "", segments: [{ id: 0, text: " ", start: 0, end: 30, words: [] }] }],
])("P13, S17: no speech is a success with a flag (%s)", (_form, answer) => {
  const result = read(answer);
  expect([result.noSpeech, result.segments, result.text]).toEqual([true, [], ""]);
});

test("S18, X8: comma languages are a list, of which the first counts", () => {
  const result = read({
    text: "hi",
    language: "de, en",
    segments: [{ text: "hi", language: "en,de" }],
  });
  expect([result.language, result.languages, result.segments[0]?.language]).toEqual([
    "de",
    ["de", "en"],
    "en",
  ]);
});

test("P6: words that were asked for and did not come are a warning", () => {
  expect([
    codes(read({ text: "hi", segments: [{ text: "hi", start: 0, end: 1 }] })),
    codes(read({ text: "hi", segments: [{ text: "hi", start: 0, end: 1 }] }, { words: false })),
  ]).toEqual([["words-missing"], []]);
});

test("P9: late times are a warning once the language is known", () => {
  expect([
    codes(read({ text: "", language: "ru" }, { alignmentModel: "tdnn_ffn" })),
    codes(read({ text: "", language: "en" }, { alignmentModel: "tdnn_ffn" })),
  ]).toEqual([["times-may-be-shifted"], []]);
});

test("X9: the translation reference prints words as one object", () => {
  const result = read({ text: "hi", words: { word: "hi", "words.start": 1, "words.end": 2 } });
  expect(shape(result)).toEqual([[["hi", 1, 2, undefined]]]);
});

test("S9: json has text only, which is one segment without times", () => {
  const result = read({ text: "hello there" }, { responseFormat: "json" });
  expect([result.text, result.segments, result.noSpeech]).toEqual([
    "hello there",
    [{ id: "0", text: "hello there", words: [], language: undefined }],
    false,
  ]);
});

test("U16: subtitles with BOM, CRLF, either decimal mark, no hours, and speaker names", () => {
  const srt = readText(
    "\u{FEFF}1\r\n00:00:01,000 --> 00:00:02,5\r\nHello\r\n there\r\n\r\n2\r\n01:00:00.000 --> 01:00:01.000\r\nBye",
    "srt",
  );
  const vtt = readText(
    "WEBVTT\n\n00:01.000 --> 00:02.250 align:start\n<v Ada>Hi <i>you</i></v>\n",
    "vtt",
  );
  expect(
    [srt, vtt].map((result) => result.segments.map((s) => [s.start, s.end, s.text, s.speaker])),
  ).toEqual([
    [
      [1, 2.5, "Hello there", undefined],
      [3600, 3601, "Bye", undefined],
    ],
    [[1, 2.25, "Hi you", "Ada"]],
  ]);
});

test("text is one segment; empty subtitles are no speech; other text is refused", () => {
  expect([
    readText("hello\n", "text").segments.length,
    readText("WEBVTT\n", "vtt").noSpeech,
    readText("", "srt").noSpeech,
  ]).toEqual([1, true, true]);
  expect(() => readText("<html>login</html>", "srt")).toThrow(EverywordError);
});

test.each([
  ["an error in a success (U18)", '{"error":{"message":"boom"}}', "application/json", "server"],
  ["a login page (PROTOCOL §8.2)", "<html>log in</html>", "text/html", "protocol"],
  ["JSON of another kind", "[1]", "application/json", "protocol"],
  ["JSON that breaks off (A16)", '{"text":', "application/json", "protocol"],
])("%s is an error", (_what, text, contentType, code) => {
  const fields = checkFields("transcribe", {}, "server");
  let error: unknown;
  try {
    readAnswer({ text, contentType }, { fields, host: "h" });
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({ name: "EverywordError", code });
});

test("U13: any JSON at all gives a result or an EverywordError, never another exception", () => {
  const odd = [
    null,
    0,
    "x",
    [],
    {},
    [[]],
    { word: 1 },
    { start: "1" },
    { text: {} },
    true,
    Number.POSITIVE_INFINITY,
  ];
  const bad: unknown[] = [];
  for (const one of odd) {
    for (const two of odd) {
      const answer = {
        text: one,
        words: [two, one],
        segments: [one, { words: two, id: one }],
        language: two,
      };
      try {
        read(answer);
      } catch (error) {
        if (!(error instanceof EverywordError)) bad.push([answer, error]);
      }
    }
  }
  expect(bad).toEqual([]);
});
