import { describe, expect, test } from "vitest";
import { checkFields, type FileFields } from "../../../src/batch/core/fields.ts";

describe("what contradicts itself is refused before the upload", () => {
  const cases: readonly (readonly [FileFields | Record<string, unknown>, string])[] = [
    [
      { diarize: true, words: false },
      "Cannot transcribe: words must be true with diarize, got false",
    ],
    [
      { diarize: true, words: true, responseFormat: "json" },
      'Cannot transcribe: responseFormat must be verbose_json when words are asked, got "json"',
    ],
    [{ minSpeakers: 2 }, "Cannot transcribe: minSpeakers must be left out without diarize, got 2"],
    [
      { diarize: true, maxSpeakers: 0 },
      "Cannot transcribe: maxSpeakers must be a whole number from 1, got 0",
    ],
    [
      { diarize: true, minSpeakers: 3, maxSpeakers: 2 },
      "Cannot transcribe: minSpeakers must be at most maxSpeakers 2, got 3",
    ],
    [
      { model: "whisper-1" },
      'Cannot transcribe: model must be whisper-v3 or whisper-v3-turbo, got "whisper-1"',
    ],
    [
      { language: "jv" },
      'Cannot transcribe: language must be a language code such as en, de, ja, got "jv"',
    ],
    [{ temperature: 2 }, "Cannot transcribe: temperature must be 0 to 1, or a list of such, got 2"],
    [
      { temperature: [] },
      "Cannot transcribe: temperature must be 0 to 1, or a list of such, got []",
    ],
    [
      { vadModel: "webrtc" },
      'Cannot transcribe: vadModel must be silero or whisperx-pyannet, got "webrtc"',
    ],
    [
      { alignmentModel: "gentle" },
      'Cannot transcribe: alignmentModel must be mms_fa or tdnn_ffn, got "gentle"',
    ],
    [{ diarize: "yes" }, 'Cannot transcribe: diarize must be true or false, got "yes"'],
    [{ prompt: 7 }, "Cannot transcribe: prompt must be a string, got 7"],
  ];
  test.each(cases)("%j", (fields, message) => {
    expect(() => checkFields("transcribe", fields as FileFields, "hosted")).toThrow(message);
  });
});

test("P7: diarize alone asks for words by itself", () => {
  expect(checkFields("transcribe", { diarize: true }, "hosted").form).toEqual([
    ["model", "whisper-v3"],
    ["response_format", "verbose_json"],
    ["timestamp_granularities[]", "word"],
    ["timestamp_granularities[]", "segment"],
    ["diarize", "true"],
    ["alignment_model", "mms_fa"],
  ]);
});

test("a translation takes no speakers and not the two written forms of Chinese (PROTOCOL §6)", () => {
  const refused = [{ diarize: true }, { language: "zh-hans" }].map((fields) => {
    try {
      checkFields("translate", fields, "hosted");
      return "accepted";
    } catch (error) {
      return (error as Error).constructor.name;
    }
  });
  expect(refused).toEqual(["RangeError", "RangeError"]);
});

test("P14: another server may have other models; only what was set is sent to it", () => {
  const { form } = checkFields(
    "transcribe",
    { model: "tiny.en", words: false, extraFields: { skip_vad: "true" } },
    "server",
  );
  expect(form).toEqual([
    ["model", "tiny.en"],
    ["response_format", "verbose_json"],
    ["timestamp_granularities[]", "segment"],
    ["skip_vad", "true"],
  ]);
});

test("P9, P10: what will probably disappoint is a warning", () => {
  const { warnings } = checkFields(
    "transcribe",
    { language: "ru", alignmentModel: "tdnn_ffn", vadModel: "whisperx-pyannet" },
    "hosted",
  );
  expect(warnings.map((warning) => warning.code)).toEqual([
    "times-may-be-shifted",
    "words-may-be-lost",
  ]);
});
