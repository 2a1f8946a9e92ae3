/** The form's fields -> what is asked, or a refusal (PROTOCOL §5.1, S1–S5, S20, S21). Pure. */
import { isTranslatable, languageCode } from "../../languages.ts";
import type { Faults } from "../faults/faults.ts";
import { HttpError } from "../http-error.ts";
import { isKnownModel } from "../models.ts";
import type { RecognizerModel } from "../recognizer.ts";
import type { FormField } from "./form.ts";

export const RESPONSE_FORMATS = ["json", "text", "srt", "verbose_json", "vtt"] as const;
export type ResponseFormat = (typeof RESPONSE_FORMATS)[number];

export type FileTask = "transcribe" | "translate";

/** A checked request, in plain values: a batch job keeps it on disk. */
export interface FileRequest {
  readonly task: FileTask;
  readonly format: ResponseFormat;
  readonly wordTimes: boolean;
  readonly segmentTimes: boolean;
  readonly language?: string | undefined;
  readonly prompt?: string | undefined;
  readonly model?: string | undefined;
  readonly diarize: boolean;
  /** Fields that the recognizer has no use for; named in `x-everyword-ignored`. */
  readonly ignored: readonly string[];
}

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  vad_model: ["silero", "whisperx-pyannet"],
  alignment_model: ["mms_fa", "tdnn_ffn"],
  preprocessing: ["none", "dynamic", "soft_dynamic", "bass_dynamic"],
};
const UNUSED = new Set(["temperature", ...Object.keys(CHOICES), "skip_vad"]);

/** @throws HttpError 400 that names the field, what it was and what it may be. */
export function readFields(
  fields: readonly FormField[],
  task: FileTask,
  models: readonly RecognizerModel[],
  faults: Faults,
): FileRequest {
  const values = new Map(fields.map((field) => [field.name, field.value]));
  const get = (name: string): string | undefined => {
    const value = values.get(name)?.trim();
    return value === undefined || value === "" || value === "null" ? undefined : value;
  };
  if (faults.has("S2")) for (const name of Object.keys(CHOICES)) checkChoice(name, get(name));
  if (readBoolean("stream", get("stream"))) {
    throw new HttpError(400, "stream: answers to a file are not streamed; leave it out.");
  }
  readBoolean("skip_vad", get("skip_vad"));
  checkTemperature(get("temperature"), faults);
  const format = readFormat(get("response_format"), faults);
  const granularities = readGranularities(fields, format, faults);
  const diarize = task === "transcribe" && readBoolean("diarize", get("diarize"));
  const allowed = diarize && checkDiarize(format, granularities, faults);
  if (task === "transcribe") checkSpeakers(get("min_speakers"), get("max_speakers"), faults);
  return {
    task,
    format,
    wordTimes: granularities.has("word"),
    segmentTimes: granularities.has("segment") || granularities.size === 0,
    language: readLanguage(get("language"), task, faults),
    prompt: get("prompt"),
    model: readModel(get("model"), models, faults),
    diarize: allowed,
    ignored: [...values.keys()].filter((name) => UNUSED.has(name)),
  };
}

function checkChoice(name: string, value: string | undefined): void {
  const possible = CHOICES[name] ?? [];
  if (value !== undefined && !possible.includes(value)) {
    throw new HttpError(400, `${name} must be one of ${possible.join(", ")}, got "${value}".`);
  }
}

function readFormat(value: string | undefined, faults: Faults): ResponseFormat {
  const found = RESPONSE_FORMATS.find((format) => format === (value ?? "json"));
  if (found !== undefined) return found;
  if (!faults.has("S2")) return "json";
  throw new HttpError(
    400,
    `response_format must be one of ${RESPONSE_FORMATS.join(", ")}, got "${value}".`,
  );
}

/** Repeated fields, `[]` or not, and comma lists; JSON text counts for nothing (S20). */
function readGranularities(
  fields: readonly FormField[],
  format: ResponseFormat,
  faults: Faults,
): Set<string> {
  const asked = fields
    .filter((field) => field.name.replace(/\[\d*\]$/u, "") === "timestamp_granularities")
    .flatMap((field) => {
      const text = faults.has("S20") ? field.value : field.value.replaceAll(/["[\]\s]/gu, "");
      return text.split(",");
    })
    .map((text) => text.trim());
  if (asked.length > 0 && format !== "verbose_json" && !faults.has("S4")) {
    throw new HttpError(400, "timestamp_granularities needs response_format verbose_json.");
  }
  return new Set(asked.filter((text) => text === "word" || text === "segment"));
}

function readBoolean(name: string, value: string | undefined): boolean {
  const lower = value?.toLowerCase() ?? "false";
  if (lower !== "true" && lower !== "false") {
    throw new HttpError(400, `${name} must be true or false, got "${value}".`);
  }
  return lower === "true";
}

function checkTemperature(value: string | undefined, faults: Faults): void {
  const parts = (value ?? "0").split(",").map((part) => Number(part.trim()));
  if (parts.every((part) => Number.isFinite(part)) && (parts.length === 1 || faults.has("S21"))) {
    return;
  }
  const kind = faults.has("S21") ? "a number, or numbers joined by commas" : "a number";
  throw new HttpError(400, `temperature must be ${kind}, got "${value}".`);
}

/** Whether speakers are given; a refusal when what they need is not asked for (S3). */
function checkDiarize(
  format: ResponseFormat,
  granularities: ReadonlySet<string>,
  faults: Faults,
): boolean {
  if (format !== "verbose_json" || !granularities.has("word")) {
    if (faults.variant("S3") !== "400") return false;
    throw new HttpError(
      400,
      "diarize needs response_format verbose_json and timestamp_granularities word.",
    );
  }
  if (faults.asked("S15")) return true;
  throw new HttpError(400, "diarize: this server cannot tell speakers apart; leave it out.", {
    code: "unsupported",
  });
}

function checkSpeakers(min: string | undefined, max: string | undefined, faults: Faults): void {
  const least = readCount("min_speakers", min, 1);
  const most = readCount("max_speakers", max, Number.POSITIVE_INFINITY);
  if (least > most && faults.has("S5")) {
    throw new HttpError(400, `min_speakers (${least}) must not be above max_speakers (${most}).`);
  }
}

function readCount(name: string, value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (value === "inf") return Number.POSITIVE_INFINITY;
  const count = Number(value);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new HttpError(400, `${name} must be a whole number from 1 up, got "${value}".`);
}

function readLanguage(
  value: string | undefined,
  task: FileTask,
  faults: Faults,
): string | undefined {
  if (value === undefined) return undefined;
  const code = languageCode(value);
  if (code !== undefined && (task === "transcribe" || isTranslatable(code))) return code;
  if (!faults.has("S2")) return undefined;
  throw new HttpError(400, `language must be one of the protocol's codes, got "${value}".`);
}

function readModel(
  value: string | undefined,
  models: readonly RecognizerModel[],
  faults: Faults,
): string | undefined {
  if (value === undefined || isKnownModel(models, value)) return value;
  if (faults.variant("A5") === "model") {
    throw new HttpError(404, `The model "${value}" does not exist.`, { code: "model_not_found" });
  }
  if (!faults.has("S2")) return undefined;
  const names = ["whisper-v3", "whisper-v3-turbo", ...models.map((model) => model.id)];
  throw new HttpError(400, `model must be one of ${names.join(", ")}, got "${value}".`);
}
