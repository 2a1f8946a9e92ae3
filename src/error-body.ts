/**
 * What an error body says, whatever its shape (PROTOCOL §8.2), in a form that may be printed.
 */
import { redactUrl } from "./service.ts";

/** How much of a body is kept (PROTOCOL §8.2). */
export const KEPT_CHARACTERS = 500;

/** One line of at most 500 characters out of any error body; empty when there is nothing to read. */
export function errorBodyText(body: string, key?: string): string {
  const found = messageIn(parseJson(body));
  return printable(found ?? withoutMarkup(body), key);
}

/**
 * The 4xx that an error names as `status`, `status_code` or `code`, in itself or in its `error`; for the
 * type `invalid_request_error` without any such number 400. `undefined` when it names none: mere words
 * do not count.
 *
 * @param value an error body, parsed or as text.
 */
export function refusalStatus(value: unknown): number | undefined {
  const parsed = typeof value === "string" ? parseJson(value) : value;
  if (!isRecord(parsed)) return undefined;
  const errors = [parsed["error"], parsed].filter(isRecord);
  const numbers = errors
    .flatMap((error) => [error["status"], error["status_code"], error["code"]])
    .map((named) => (typeof named === "string" && /^\d{3}$/u.test(named) ? Number(named) : named))
    .filter((named) => typeof named === "number");
  const [status] = numbers;
  if (status !== undefined) return status >= 400 && status < 500 ? status : undefined;
  const types = errors.flatMap((error) => [error["type"], error["code"]]);
  return types.includes("invalid_request_error") ? 400 : undefined;
}

/** Whether a body names a model: a 404 is about that model then, not about the path (PROTOCOL §1.2). */
export function namesModel(body: string): boolean {
  return /model/iu.test(body);
}

/** The error inside a body that was answered with success (U18, B8); `undefined` when it is none. */
export function errorWithin(value: unknown, key?: string): string | undefined {
  if (!isRecord(value)) return undefined;
  const error = value["error"];
  if (error === undefined || error === null || error === false || error === "") return undefined;
  const text = printable(messageIn(value) ?? JSON.stringify(error) ?? "", key);
  return text === "" ? "an error without a message" : text;
}

/** One line, at most 500 characters, without the key and without URLs that hold one (P32). */
export function printable(text: string, key?: string): string {
  const line = redactUrl(withoutKey(text, key)).replaceAll(/\s+/gu, " ").trim();
  return line.length > KEPT_CHARACTERS ? `${line.slice(0, KEPT_CHARACTERS - 1)}…` : line;
}

/** Shorter ones are words: to mask them would garble the sentence and give the key away. */
const SHORTEST_SECRET = 8;

/**
 * The text with `***` for the key, with or without its `Bearer`, and however it is written: as it is,
 * as JSON writes it, as a URL does (P32).
 */
export function withoutKey(text: string, key?: string): string {
  const secret = key?.replace(/^Bearer\s+/iu, "").trim() ?? "";
  if (secret.length < SHORTEST_SECRET) return text;
  const inJson = JSON.stringify(secret).slice(1, -1);
  const forms = [secret, inJson, inJson.replaceAll("/", "\\/"), encodeURIComponent(secret)];
  return forms.reduce((masked, form) => masked.replaceAll(form, "***"), text);
}

/** JSON, or `undefined`: never throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Shapes 1–4: `error.message`, `error` as text, `message`, `detail` as text or list. */
function messageIn(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) {
    const lines = value.map(messageIn).filter((line) => line !== undefined && line !== "");
    return lines.length === 0 ? undefined : lines.join("; ");
  }
  if (!isRecord(value)) return undefined;
  for (const name of ["error", "message", "detail", "msg"]) {
    const found = messageIn(value[name]);
    if (found !== undefined && found !== "") return found;
  }
  return undefined;
}

/** Gateways answer HTML: its text says more than its tags. */
function withoutMarkup(body: string): string {
  if (!/^\s*</u.test(body)) return body;
  return body
    .slice(0, 20_000)
    .replaceAll(/<(script|style)\b[\s\S]*?<\/\1>/giu, " ")
    .replaceAll(/<[^>]*>/gu, " ");
}
