/** S1–S22: sync transcription and translation. */
import type { FaultSetting } from "../../../../src/server/testing.ts";
import { ask, type Fields, speechForm, transcribe } from "../../support/running.ts";
import { type Cases, see, type Start } from "./case.ts";

type Json = Readonly<Record<string, unknown>>;

const VERBOSE: Fields = [["response_format", "verbose_json"]];
const BOTH: Fields = [
  ...VERBOSE,
  ["timestamp_granularities[]", "word"],
  ["timestamp_granularities[]", "segment"],
];
const DIARIZE: Fields = [...BOTH, ["diarize", "true"]];
const SCRIPT = "one two three four | five six seven";

function answered(
  scenario: Readonly<Record<string, FaultSetting>>,
  fields: Fields,
  read: (json: Json, status: number, text: string) => unknown,
  script: string | undefined = SCRIPT,
): (start: Start) => Promise<unknown> {
  return async (start) => {
    const { url } = await start({ scenario });
    const { json, status, text } = await transcribe(url, script, fields);
    return read(json ?? {}, status, text);
  };
}

const status = (_json: Json, code: number): number => code;
const words = (json: Json): Json[] => json["words"] as Json[];
const segments = (json: Json): Json[] => json["segments"] as Json[];
const startsOf = (json: Json): number[] => words(json).map((word) => Number(word["start"]));

export const SYNC_CASES: Cases = {
  S1: {
    on: see(
      "a form without a file is a 400",
      async (start) => (await transcribe((await start()).url, undefined)).status,
      400,
    ),
  },
  S2: {
    on: see("an unknown value is a 400", answered({}, [["vad_model", "x"]], status), 400),
    off: see(
      "unknown values are let pass",
      answered(
        { S2: false },
        [
          ["vad_model", "x"],
          ["language", "xx"],
          ["model", "m"],
        ],
        status,
      ),
      200,
    ),
  },
  S3: {
    "400": see("diarize alone is a 400", answered({}, [["diarize", "true"]], status), 400),
    ignored: see(
      "diarize alone is ignored",
      answered({ S3: "ignored" }, [["diarize", "true"]], status),
      200,
    ),
  },
  S4: {
    on: see(
      "granularities with json are ignored",
      answered({}, [["timestamp_granularities[]", "word"]], status),
      200,
    ),
    off: see(
      "granularities with json are a 400",
      answered({ S4: false }, [["timestamp_granularities[]", "word"]], status),
      400,
    ),
  },
  S5: {
    on: see(
      "more at least than at most is a 400",
      answered(
        {},
        [
          ["min_speakers", "3"],
          ["max_speakers", "2"],
        ],
        status,
      ),
      400,
    ),
  },
  S6: {
    on: see(
      "the named codecs are refused in words, others pass",
      async (start) => {
        const { url } = await start({ scenario: { S6: { codecs: "mp3+wav" } } });
        const form = new FormData();
        form.append("file", new Blob(["x"]), "a.mp3");
        const mp3 = await transcribe(url, undefined, [], { body: form });
        const wav = await transcribe(url, "x");
        return [mp3.status, mp3.text.includes("codec mp3"), wav.status];
      },
      [400, true, 400],
    ),
  },
  S7: {
    on: see(
      "a URL that leads nowhere is a 400",
      async (start) => {
        const { url } = await start({ fetchUrls: true });
        return (await transcribe(url, undefined, [["file", "http://127.0.0.1:9/a.wav"]])).status;
      },
      400,
    ),
  },
  S8: {
    accepted: see("turbo on the prod host passes", onProdHost({}), 200),
    "400": see("turbo on the prod host is a 400", onProdHost({ S8: "400" }), 400),
  },
  S9: {
    on: see(
      "json holds only text",
      answered({}, [], (json) => Object.keys(json)),
      ["text"],
    ),
    off: see(
      "json holds everything",
      answered({ S9: false }, [], (json) => Object.keys(json).includes("duration")),
      true,
    ),
  },
  S10: {
    absent: see(
      "words that were not asked for are absent",
      answered({}, VERBOSE, (json) => "words" in json),
      false,
    ),
    null: see(
      "words that were not asked for are null",
      answered({ S10: "null" }, VERBOSE, (json) => [json["words"], segments(json)[0]!["words"]]),
      [null, null],
    ),
  },
  S11: {
    on: see(
      "undocumented fields, on the answer, its segments and its words",
      answered({ S11: true }, BOTH, (json) => [
        typeof json["request_id"],
        Object.keys(segments(json)[0]!).filter((key) =>
          /^(audio_|tokens|seek|no_speech)/u.test(key),
        ),
        words(json)[0]!["retry_count"],
      ]),
      ["string", ["audio_start", "audio_end", "tokens", "seek", "no_speech_prob", "no_speech"], 0],
    ),
    off: see(
      "no undocumented field",
      answered({ S11: false }, BOTH, (json) => "request_id" in json),
      false,
    ),
  },
  S12: {
    on: see(
      "every word of a segment has the segment's start and no length; audio_start and audio_end are true",
      answered({ S12: true }, BOTH, (json) => [
        new Set(startsOf(json)).size,
        words(json).every((word) => word["start"] === word["end"]),
        segments(json)[0]!["start"] === segments(json)[0]!["end"],
        Number(segments(json)[0]!["audio_end"]) > Number(segments(json)[0]!["audio_start"]),
      ]),
      [2, true, true, true],
    ),
  },
  S13: {
    on: see(
      "every word is 17 s late, its segment is not",
      answered({ S13: true }, BOTH, (json) => [startsOf(json)[0], segments(json)[0]!["start"]]),
      [17.2, 0.2],
    ),
  },
  S14: {
    on: see(
      "words are not in the order of their times",
      answered({ S14: true }, BOTH, (json) => {
        const starts = startsOf(json);
        return starts.some((start, n) => start < (starts[n - 1] ?? 0));
      }),
      true,
    ),
  },
  S15: {
    string: see(
      "every word has a speaker, a numeric string",
      answered({ S15: "string" }, DIARIZE, (json) => [
        ...new Set(words(json).map((word) => word["speaker_id"])),
      ]),
      ["0", "1"],
    ),
    missing: see(
      "some words have no speaker",
      answered(
        { S15: "missing" },
        DIARIZE,
        (json) => new Set(words(json).map((word) => typeof word["speaker_id"])).size,
      ),
      2,
    ),
  },
  S16: {
    on: see(
      "one segment holds all",
      answered({ S16: true }, BOTH, (json) => segments(json).length),
      1,
    ),
  },
  S17: {
    empty: see("silence: empty text, empty lists", silence({}), ["", [], []]),
    null: see("silence: empty text, null lists", silence({ S17: "null" }), ["", null, null]),
  },
  S18: {
    on: see(
      "languages joined by a comma, also in segments",
      answered({ S18: { languages: "en,fr" } }, BOTH, (json) => [
        json["language"],
        segments(json)[0]!["language"],
      ]),
      ["en,fr", "en,fr"],
    ),
  },
  S19: {
    on: see(
      "text is no JSON",
      answered({}, [["response_format", "text"]], (_json, _status, text) => text, "hi"),
      "hi\n",
    ),
    off: see(
      "text is a JSON string",
      answered({ S19: false }, [["response_format", "text"]], (_json, _status, text) => text, "hi"),
      '"hi\\n"',
    ),
  },
  S20: {
    on: see("a JSON list counts for nothing", jsonGranularities({}), false),
    off: see("a JSON list is read", jsonGranularities({ S20: false }), true),
  },
  S21: {
    on: see("a temperature list passes", answered({}, [["temperature", "0.0,0.2"]], status), 200),
    off: see(
      "a temperature list is a 400",
      answered({ S21: false }, [["temperature", "0.0,0.2"]], status),
      400,
    ),
  },
  S22: {
    translate: see("task translate, words with scores", translated({}), ["translate", true]),
    transcribe: see("task transcribe", translated({ S22: "transcribe" }), ["transcribe", true]),
    "no-scores": see("words without scores", translated({ S22: "no-scores" }), [
      "translate",
      false,
    ]),
  },
};

function onProdHost(scenario: Readonly<Record<string, FaultSetting>>) {
  return async (start: Start): Promise<unknown> => {
    const { url } = await start({ scenario });
    return (await transcribe(`${url}/prod`, "x", [["model", "whisper-v3-turbo"]])).status;
  };
}

function silence(scenario: Readonly<Record<string, FaultSetting>>) {
  return answered(scenario, BOTH, (json) => [json["text"], json["words"], json["segments"]], "");
}

function jsonGranularities(scenario: Readonly<Record<string, FaultSetting>>) {
  const fields: Fields = [...VERBOSE, ["timestamp_granularities", '["word"]']];
  return answered(scenario, fields, (json) => "words" in json);
}

function translated(scenario: Readonly<Record<string, FaultSetting>>) {
  return async (start: Start): Promise<unknown> => {
    const { url } = await start({ scenario });
    const body = speechForm(SCRIPT, BOTH);
    const { json } = await ask(`${url}/v1/audio/translations`, { method: "POST", body });
    return [json!["task"], "probability" in words(json!)[0]!];
  };
}
