/**
 * The handshake's query parameters (PROTOCOL §4.1). Pure. Reads the raw query string: whether a
 * comma was written as `,` or `%2C` makes a difference to the granularities (W19, P17).
 */
import { languageCode } from "../../languages.ts";

export interface StreamParameters {
  readonly language: string | undefined;
  readonly prompt: string | undefined;
  readonly model: string | undefined;
  /** Whether `start` and `end` are sent: both granularities were asked for (W19). */
  readonly times: boolean;
  /** Silence after which a segment is final; 1 to 29, default 1 (W16). */
  readonly textTimeoutSeconds: number;
  /** What was ignored, for the log; in strict mode (W6) each of them is a refusal. */
  readonly warnings: readonly string[];
}

export interface ParameterRules {
  /** Whether `word%2Csegment` counts (W19, variant `accepted`). Default false. */
  readonly acceptEncodedComma?: boolean;
}

const KNOWN = new Set([
  "authorization",
  "response_format",
  "language",
  "prompt",
  "temperature",
  "timestamp_granularities",
  "timestamp_granularities[]",
  "model",
  "skip_vad",
  "vad_kwargs",
  "text_timeout_seconds",
  "scenario",
]);

/** @param query what follows the `?`, as it came. */
export function parseStreamParameters(query: string, rules: ParameterRules = {}): StreamParameters {
  const pairs = splitQuery(query);
  const warnings: string[] = [];
  for (const { name } of pairs) {
    if (!KNOWN.has(name.toLowerCase())) warnings.push(`unknown parameter "${name}"`);
  }
  const last = (name: string): string | undefined => {
    const value = pairs.findLast((pair) => pair.name === name)?.value;
    return value === undefined || value === "" || value === "null" ? undefined : value;
  };
  const format = last("response_format");
  if (format !== undefined && format !== "verbose_json") {
    warnings.push(`response_format "${format}" is not streamed, verbose_json is sent`);
  }
  const granularities = new Set(
    pairs
      .filter((pair) => pair.name.replace("[]", "") === "timestamp_granularities")
      .flatMap((pair) => granularityList(pair, rules.acceptEncodedComma ?? false)),
  );
  return {
    language: readLanguage(last("language"), warnings),
    prompt: last("prompt"),
    model: last("model"),
    times: granularities.has("word") && granularities.has("segment"),
    textTimeoutSeconds: readTimeout(last("text_timeout_seconds"), warnings),
    warnings,
  };
}

interface QueryPair {
  readonly name: string;
  readonly value: string;
  /** The value before decoding. */
  readonly raw: string;
}

function splitQuery(query: string): QueryPair[] {
  return query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const equals = part.indexOf("=");
      const raw = equals < 0 ? "" : part.slice(equals + 1);
      return {
        name: decodeQuery(equals < 0 ? part : part.slice(0, equals)),
        value: decodeQuery(raw),
        raw,
      };
    });
}

/** Percent and plus decoding; what is not valid stays as it is. */
export function decodeQuery(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

function granularityList(pair: QueryPair, acceptEncodedComma: boolean): string[] {
  const text = acceptEncodedComma ? pair.value : pair.raw;
  return text.split(",").map((part) => decodeQuery(part).trim());
}

function readLanguage(value: string | undefined, warnings: string[]): string | undefined {
  if (value === undefined) return undefined;
  const code = languageCode(value);
  if (code === undefined) warnings.push(`unknown language "${value}", the default is used`);
  return code;
}

function readTimeout(value: string | undefined, warnings: string[]): number {
  if (value === undefined) return 1;
  const seconds = Number(value);
  if (!Number.isFinite(seconds)) {
    warnings.push(`text_timeout_seconds "${value}" is no number, 1 is used`);
    return 1;
  }
  const clamped = Math.min(29, Math.max(1, seconds));
  if (clamped !== seconds) warnings.push(`text_timeout_seconds ${seconds} is outside 1 to 29`);
  return clamped;
}
