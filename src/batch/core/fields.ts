/**
 * The options of one file: their types, the checks that need no network, and the form fields they
 * become (PROTOCOL §5.1, §6).
 */
import { isTranslatable, languageCode } from "../../languages.ts";
import type { Service } from "../../service.ts";
import type { FormField } from "./multipart.ts";

/** `transcribe`: in the language spoken. `translate`: into English. */
export type FileTask = "transcribe" | "translate";

/** Forms of an answer. */
export const RESPONSE_FORMATS = ["verbose_json", "json", "text", "srt", "vtt"] as const;
/** Models that find where speech is. */
export const VAD_MODELS = ["silero", "whisperx-pyannet"] as const;
/** Models that find where words are. */
export const ALIGNMENT_MODELS = ["mms_fa", "tdnn_ffn"] as const;
/** Ways to level the audio. */
export const PREPROCESSINGS = ["none", "dynamic", "soft_dynamic", "bass_dynamic"] as const;
const HOSTED_MODELS = ["whisper-v3", "whisper-v3-turbo"] as const;

/** What is asked of the recognizer; everything may be left out. */
export interface FileFields {
  /** `whisper-v3` (default) or `whisper-v3-turbo`; another server may have others. */
  readonly model?: string | undefined;
  /** A code or English name; default: detected. For a translation the language spoken. */
  readonly language?: string | undefined;
  /** Vocabulary and style hint. No default: one in the wrong language makes text up (P10). */
  readonly prompt?: string | undefined;
  /** 0 to 1; a list turns on fallback decoding. Default: the server's, 0. */
  readonly temperature?: number | readonly number[] | undefined;
  /** Default `verbose_json`, the only one with times, words and speakers. */
  readonly responseFormat?: (typeof RESPONSE_FORMATS)[number] | undefined;
  /** Whether words with times are asked for. Default true with `verbose_json`. */
  readonly words?: boolean | undefined;
  /** Who speaks. Needs `verbose_json` and `words`. Default false. */
  readonly diarize?: boolean | undefined;
  /** With `diarize`: at least so many. */
  readonly minSpeakers?: number | undefined;
  /** With `diarize`: at most so many. */
  readonly maxSpeakers?: number | undefined;
  /** Default `silero`. */
  readonly vadModel?: (typeof VAD_MODELS)[number] | undefined;
  /** `mms_fa` (default, multilingual) or `tdnn_ffn` (English only: P9). */
  readonly alignmentModel?: (typeof ALIGNMENT_MODELS)[number] | undefined;
  /** How the service levels the audio first. Default: the server's, `none`. */
  readonly preprocessing?: (typeof PREPROCESSINGS)[number] | undefined;
  /** Further form fields, sent as they are: for what a server has beyond the reference. */
  readonly extraFields?: Readonly<Record<string, string>> | undefined;
}

/** Checked, with every default in place. */
export interface CheckedFields {
  readonly task: FileTask;
  readonly model: string;
  readonly language: string | undefined;
  readonly responseFormat: (typeof RESPONSE_FORMATS)[number];
  readonly words: boolean;
  readonly diarize: boolean;
  readonly form: readonly FormField[];
  /** What will probably disappoint, known before the upload. */
  readonly warnings: readonly FileWarning[];
}

/** Something that the caller may want to know; `code` is for programs. */
export interface FileWarning {
  /** What it was, for programs. */
  readonly code: string;
  /** One sentence for a person. */
  readonly message: string;
}

/**
 * Everything that can be wrong before the upload, found before the upload.
 *
 * @throws TypeError | RangeError *Cannot transcribe: X must be Y, got V*.
 */
export function checkFields(
  task: FileTask,
  fields: FileFields,
  kind: Service["kind"],
): CheckedFields {
  const model = checkModel(task, fields.model, kind);
  const language = checkLanguage(task, fields.language);
  const responseFormat = oneOf(task, "responseFormat", fields.responseFormat, RESPONSE_FORMATS);
  const format = responseFormat ?? "verbose_json";
  const words = flag(task, "words", fields.words) ?? format === "verbose_json";
  if (words && format !== "verbose_json") {
    throw new RangeError(say(task, "responseFormat", "verbose_json when words are asked", format));
  }
  const speakers = checkSpeakers(task, fields, words);
  const form: FormField[] = [
    ["model", model],
    ["response_format", format],
  ];
  if (format === "verbose_json") {
    if (words) form.push(["timestamp_granularities[]", "word"]);
    form.push(["timestamp_granularities[]", "segment"]);
  }
  if (language !== undefined) form.push(["language", language]);
  form.push(...textFields(task, fields), ...speakers);
  const alignment = fields.alignmentModel ?? (words && kind === "hosted" ? "mms_fa" : undefined);
  if (alignment !== undefined) form.push(["alignment_model", alignment]);
  form.push(...Object.entries(fields.extraFields ?? {}));
  return {
    task,
    model,
    language,
    responseFormat: format,
    words,
    diarize: fields.diarize ?? false,
    form,
    warnings: foreseeable(fields, language),
  };
}

function textFields(task: FileTask, fields: FileFields): FormField[] {
  const form: FormField[] = [];
  const { prompt, temperature } = fields;
  if (prompt !== undefined) {
    if (typeof prompt !== "string") throw new TypeError(say(task, "prompt", "a string", prompt));
    form.push(["prompt", prompt]);
  }
  if (temperature !== undefined) form.push(["temperature", temperatures(task, temperature)]);
  const vad = oneOf(task, "vadModel", fields.vadModel, VAD_MODELS);
  if (vad !== undefined) form.push(["vad_model", vad]);
  oneOf(task, "alignmentModel", fields.alignmentModel, ALIGNMENT_MODELS);
  const preprocessing = oneOf(task, "preprocessing", fields.preprocessing, PREPROCESSINGS);
  if (preprocessing !== undefined) form.push(["preprocessing", preprocessing]);
  return form;
}

/** Model and host belong together (P14); only the hosted service's pairs are known. */
function checkModel(task: FileTask, model: string | undefined, kind: Service["kind"]): string {
  if (model === undefined) return "whisper-v3";
  if (typeof model !== "string" || model.trim() === "") {
    throw new TypeError(say(task, "model", "the name of a model", model));
  }
  if (kind === "hosted") oneOf(task, "model", model, HOSTED_MODELS);
  return model;
}

function checkLanguage(task: FileTask, language: string | undefined): string | undefined {
  if (language === undefined) return undefined;
  const code = typeof language === "string" ? languageCode(language) : undefined;
  if (code === undefined) {
    throw new RangeError(say(task, "language", "a language code such as en, de, ja", language));
  }
  if (task === "translate" && !isTranslatable(code)) {
    throw new RangeError(say(task, "language", "one that can be translated (zh)", language));
  }
  return code;
}

/** P7, and the same for the numbers that only diarization reads. */
function checkSpeakers(task: FileTask, fields: FileFields, words: boolean): FormField[] {
  const diarize = flag(task, "diarize", fields.diarize) ?? false;
  const form: FormField[] = diarize ? [["diarize", "true"]] : [];
  if (diarize && task === "translate") {
    throw new RangeError(say(task, "diarize", "false for a translation", true));
  }
  if (diarize && !words) throw new RangeError(say(task, "words", "true with diarize", false));
  const bounds = [
    ["min_speakers", "minSpeakers", fields.minSpeakers],
    ["max_speakers", "maxSpeakers", fields.maxSpeakers],
  ] as const;
  for (const [field, name, value] of bounds) {
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(say(task, name, "a whole number from 1", value));
    }
    if (!diarize) throw new RangeError(say(task, name, "left out without diarize", value));
    form.push([field, String(value)]);
  }
  const { minSpeakers, maxSpeakers } = fields;
  if (minSpeakers !== undefined && maxSpeakers !== undefined && minSpeakers > maxSpeakers) {
    throw new RangeError(
      say(task, "minSpeakers", `at most maxSpeakers ${maxSpeakers}`, minSpeakers),
    );
  }
  return form;
}

function temperatures(task: FileTask, value: number | readonly number[]): string {
  const list = typeof value === "number" ? [value] : value;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isTemperature)) {
    throw new RangeError(say(task, "temperature", "0 to 1, or a list of such", value));
  }
  return list.join(",");
}

function isTemperature(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= 1;
}

/** P9 and P10, as far as they show in the request. */
function foreseeable(fields: FileFields, language: string | undefined): FileWarning[] {
  const warnings: FileWarning[] = [];
  if (fields.alignmentModel === "tdnn_ffn" && language !== undefined && language !== "en") {
    warnings.push(shiftedTimes(language));
  }
  if (fields.vadModel === "whisperx-pyannet" && fields.prompt === undefined) {
    warnings.push({
      code: "words-may-be-lost",
      message:
        "vadModel whisperx-pyannet has been seen to lose words without a prompt; use silero.",
    });
  }
  return warnings;
}

/** P9. */
export function shiftedTimes(language: string): FileWarning {
  return {
    code: "times-may-be-shifted",
    message: `alignmentModel tdnn_ffn is for English: in ${language} its times were up to 20 s late; use mms_fa.`,
  };
}

function flag(task: FileTask, name: string, value: boolean | undefined): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw new TypeError(say(task, name, "true or false", value));
}

function oneOf<Choice extends string>(
  task: FileTask,
  name: string,
  value: string | undefined,
  choices: readonly Choice[],
): Choice | undefined {
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new RangeError(say(task, name, choices.join(" or "), value));
  return found;
}

function say(task: FileTask, name: string, rule: string, got: unknown): string {
  const shown = typeof got === "string" ? `"${got}"` : JSON.stringify(got);
  return `Cannot ${task}: ${name} must be ${rule}, got ${shown ?? String(got)}`;
}
