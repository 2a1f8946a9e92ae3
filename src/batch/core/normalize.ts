/**
 * An answered body becomes a {@link FileResult}, whatever shape it has (PROTOCOL §5.2–§5.4, U13–U18).
 */
import { EverywordError } from "../../errors.ts";
import { joinTexts } from "../../transcript.ts";
import { parseCues } from "./cue-text.ts";
import { errorWithin, isRecord, parseJson, printable, refusalStatus } from "../../error-body.ts";
import { type CheckedFields, type FileWarning, shiftedTimes } from "./fields.ts";
import type { FileResult } from "./result.ts";
import { languagesOf, type ReadSegment, readSegments } from "./segments.ts";
import { withoutSpeakers } from "./speakers.ts";
import { inSeconds } from "./time-unit.ts";
import { judgeRefusal } from "./verdict.ts";
import { areCollapsed, seconds, spreadOver, withoutTimes } from "./word-times.ts";

/** A body and what is known about it. */
export interface AnsweredBody {
  readonly text: string;
  /** `undefined`: JSON is tried, text is the fallback (PROTOCOL §7.2). */
  readonly contentType: string | undefined;
  /** A request id from the headers. */
  readonly requestId?: string | undefined;
}

export interface NormalizeOptions {
  readonly fields: CheckedFields;
  /** Where it came from, for the words of an error. */
  readonly host: string;
  readonly key?: string | undefined;
  /** Keep the parsed answer as `raw`. Default false: answers of 75 MB occur. */
  readonly keepRaw?: boolean | undefined;
  /** Give words whose times are all the same invented, marked ones (P8). Default false. */
  readonly spreadWords?: boolean | undefined;
}

/**
 * @throws EverywordError when the body is an error after all (U18, B8): as the status that it names,
 * else `server`; `protocol` when it is not what was asked for.
 */
export function readAnswer(body: AnsweredBody, options: NormalizeOptions): FileResult {
  const { responseFormat } = options.fields;
  const wantsJson = responseFormat === "verbose_json" || responseFormat === "json";
  const parsed = parseJson(body.text);
  const error = errorWithin(parsed, options.key);
  if (error !== undefined) {
    const status = refusalStatus(parsed);
    const refusal = judgeRefusal(status, error);
    const advice = refusal?.advice ?? "see what it names, or try again";
    throw new EverywordError(
      refusal?.code ?? "server",
      `${options.host} reported success and an error in it: “${error}”; ${advice}.`,
    );
  }
  if (!wantsJson && !isJsonType(body.contentType)) return fromText(body, options);
  if (isRecord(parsed) && (isJsonType(body.contentType) || body.contentType === undefined)) {
    return fromObject(parsed, body, options);
  }
  const shown = printable(body.text.slice(0, 2000), options.key);
  throw new EverywordError(
    "protocol",
    `${options.host} answered ${body.contentType ?? "something"} where JSON was asked for: “${shown}”; check the server's address.`,
  );
}

function isJsonType(contentType: string | undefined): boolean {
  return contentType !== undefined && /^\s*application\/(?:[\w.+-]+\+)?json\b/iu.test(contentType);
}

function fromObject(
  answer: Readonly<Record<string, unknown>>,
  body: AnsweredBody,
  options: NormalizeOptions,
): FileResult {
  const read = readSegments(inSeconds(answer));
  const languages = languagesOf(answer["language"]);
  const said = typeof answer["text"] === "string" ? answer["text"].trim() : "";
  const text = options.fields.diarize ? withoutSpeakers(said) : said;
  const duration = lengthOf(answer["duration"]);
  const warnings = [...options.fields.warnings];
  const repaired = repairTimes(read.segments, options, warnings);
  const segments =
    repaired.length === 0 && text !== "" ? [wholeText(text, languages[0])] : repaired;
  if (read.sorted) {
    warnings.push({ code: "words-sorted", message: "Words stood out of order; sorted by time." });
  }
  if (options.fields.words && !read.wordsGiven && segments.length > 0) {
    warnings.push({
      code: "words-missing",
      message: `Words were asked for and ${options.host} sent none; it may not support them.`,
    });
  }
  warnShiftedTimes(options, languages[0], warnings);
  const requestId = answer["request_id"];
  return {
    task: options.fields.task,
    text:
      text === ""
        ? joinTexts(
            segments.map((one) => one.text),
            languages[0],
          )
        : text,
    segments,
    duration,
    language: options.fields.task === "translate" ? "en" : languages[0],
    languages,
    noSpeech: segments.length === 0,
    warnings,
    requestId: typeof requestId === "string" ? requestId : body.requestId,
    ...(options.keepRaw === true ? { raw: answer } : {}),
  };
}

/** vLLM prints it as a text, as OpenAI's reference once said. */
function lengthOf(value: unknown): number | undefined {
  return seconds(typeof value === "string" && value.trim() !== "" ? Number(value) : value);
}

/** P9, once the language is known. */
function warnShiftedTimes(
  options: NormalizeOptions,
  language: string | undefined,
  warnings: FileWarning[],
): void {
  const asked = options.fields.form.some(([, value]) => value === "tdnn_ffn");
  const known = warnings.some((warning) => warning.code === "times-may-be-shifted");
  if (asked && !known && language !== undefined && language !== "en") {
    warnings.push(shiftedTimes(language));
  }
}

/** P8: collapsed word times are dropped or, if asked, spread; the segment gets its true extent. */
function repairTimes(
  segments: readonly ReadSegment[],
  options: NormalizeOptions,
  warnings: FileWarning[],
): FileResult["segments"] {
  let collapsed = 0;
  const repaired = segments
    .filter((segment) => segment.text !== "" || segment.words.length > 0)
    .map(({ audioStart, audioEnd, ...segment }) => {
      const empty = segment.start === undefined || segment.end === segment.start;
      const flat = areCollapsed(segment.words);
      const start = empty || flat ? (audioStart ?? segment.start) : segment.start;
      const end = empty || flat ? (audioEnd ?? segment.end) : segment.end;
      if (!flat) return { ...segment, start, end };
      collapsed += 1;
      const spread = options.spreadWords === true && start !== undefined && end !== undefined;
      const words = spread ? spreadOver(segment.words, start, end) : withoutTimes(segment.words);
      return { ...segment, start, end, words };
    });
  if (collapsed > 0) {
    const done = options.spreadWords === true ? "spread evenly and marked" : "left out";
    warnings.push({
      code: "word-times-collapsed",
      message: `In ${collapsed} of ${repaired.length} segments all words had the same time; their times were ${done}.`,
    });
  }
  return repaired;
}

function wholeText(text: string, language: string | undefined): FileResult["segments"][number] {
  return { id: "0", text, words: [], language };
}

/** `text`, `srt` and `vtt` (PROTOCOL §5.2, U16). */
function fromText(body: AnsweredBody, options: NormalizeOptions): FileResult {
  const text = body.text.replace(/^\u{FEFF}/u, "").trim();
  const plain = options.fields.responseFormat === "text";
  const cues = plain ? [] : parseCues(text);
  const language = options.fields.task === "translate" ? "en" : options.fields.language;
  const segments = cues.length > 0 || text === "" || !plain ? cues : [wholeText(text, language)];
  if (!plain && cues.length === 0 && text !== "" && !/^WEBVTT\b/u.test(text)) {
    throw new EverywordError(
      "protocol",
      `${options.host} answered no subtitles where ${options.fields.responseFormat} was asked for: “${printable(text.slice(0, 2000), options.key)}”; ask for verbose_json.`,
    );
  }
  return {
    task: options.fields.task,
    text: joinTexts(
      segments.map((segment) => segment.text),
      language,
    ),
    segments,
    language,
    languages: language === undefined ? [] : [language],
    noSpeech: segments.length === 0,
    warnings: options.fields.warnings,
    requestId: body.requestId,
    ...(options.keepRaw === true ? { raw: body.text } : {}),
  };
}
