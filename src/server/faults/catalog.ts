/**
 * Every behavior that the server can be told to show (PROTOCOL §12), as data: one entry a code, its
 * variants and its settings with their defaults. `on` codes happen whenever their trigger occurs;
 * the others only when a scenario asks. Pure.
 */

export interface FaultEntry {
  /** What the server does, in one line. */
  readonly about: string;
  /** Whether it happens without being asked for. */
  readonly on: boolean;
  /** The first is the one meant when none is named. */
  readonly variants?: readonly string[];
  /** Settings beside the common ones, and their defaults. */
  readonly settings?: Readonly<Record<string, number | string>>;
}

const GATEWAY = {
  A1: { about: "401 for a missing or bad key", on: true },
  A2: {
    about: "401 for every key, in another error shape",
    on: false,
    variants: ["3", "4", "5", "6"],
  },
  A3: { about: "403", on: false },
  A4: { about: "402 or 412", on: false, variants: ["402", "412"] },
  A5: {
    about: "404 for an unknown path; or also for an unknown model",
    on: true,
    variants: ["path", "model"],
  },
  A6: { about: "405 for a wrong method", on: true },
  A7: { about: "408", on: false },
  A8: { about: "413 above the size limit", on: true, settings: { bytes: 0 } },
  A9: {
    about: "429 with the three rate headers, with or without retry-after",
    on: false,
    variants: ["retry-after", "plain"],
    settings: { seconds: 1 },
  },
  A10: { about: "success that carries x-ratelimit-over-limit: yes", on: false },
  A11: {
    about: "5xx as JSON, HTML or plain text",
    on: false,
    variants: ["json", "html", "text"],
    settings: { status: 500 },
  },
  A12: { about: "503 no healthy upstream: the service is withdrawn", on: false },
  A13: { about: "503 DEPLOYMENT_SCALING_UP", on: false },
  A14: { about: "socket reset in mid-upload", on: false, settings: { bytes: 4096 } },
  A15: { about: "request accepted, answer never sent", on: false },
  A16: {
    about: "answer sent byte by byte, or truncated so that the JSON breaks",
    on: false,
    variants: ["slow", "truncated"],
    settings: { delayMs: 2 },
  },
  A17: {
    about: "error answered while the upload still runs",
    on: false,
    settings: { status: 400, bytes: 4096 },
  },
  A18: { about: "every form of the key accepted; off: only the raw header", on: true },
  A19: {
    about: "the first N requests fail, the next succeeds",
    on: false,
    settings: { count: 2, status: 503 },
  },
} as const satisfies Record<string, FaultEntry>;

const SYNC = {
  S1: { about: "missing file: 400", on: true },
  S2: { about: "unknown value of a field: 400", on: true },
  S3: {
    about: "diarize without verbose_json or word: 400, or ignored",
    on: true,
    variants: ["400", "ignored"],
  },
  S4: { about: "granularities without verbose_json ignored; off: 400", on: true },
  S5: { about: "min_speakers above max_speakers: 400", on: true },
  S6: { about: "unsupported codec: 400", on: false, settings: { codecs: "mp3" } },
  S7: { about: "URL as file content or field; unreachable: 400", on: true },
  S8: {
    about: "model and host do not match: accepted, or 400",
    on: true,
    variants: ["accepted", "400"],
  },
  S9: { about: "json returns only text; off: everything", on: true },
  S10: {
    about: "a list that was not asked for is absent, or null",
    on: true,
    variants: ["absent", "null"],
  },
  S11: { about: "undocumented extra fields", on: true },
  S12: { about: "all word times of a segment equal and zero-length", on: false },
  S13: { about: "word times late", on: false, settings: { seconds: 17 } },
  S14: { about: "unsorted words", on: false },
  S15: {
    about: "speaker_id as numeric string, or missing on some words",
    on: true,
    variants: ["string", "missing"],
  },
  S16: { about: "one segment for minutes of speech", on: false },
  S17: {
    about: "no speech: empty text with [], or with null",
    on: true,
    variants: ["empty", "null"],
  },
  S18: { about: "comma-joined languages", on: false, settings: { languages: "en,de" } },
  S19: { about: "text, srt and vtt as text/plain; off: as JSON strings", on: true },
  S20: { about: "granularities as JSON text ignored; off: read", on: true },
  S21: { about: "temperature list accepted; off: 400", on: true },
  S22: {
    about: "translation says translate, or transcribe; words with or without scores",
    on: true,
    variants: ["translate", "transcribe", "no-scores"],
  },
} as const satisfies Record<string, FaultEntry>;

const STREAM = {
  W1: { about: "an HTTP status on the upgrade", on: false, settings: { status: 401 } },
  W2: { about: "upgrade, an error frame, a close", on: false, settings: { code: 1008 } },
  W3: {
    about: "connection above the limit: 429 on the upgrade, or close 1013",
    on: true,
    variants: ["429", "1013"],
    settings: { limit: 0 },
  },
  W4: { about: "upgrade never answered", on: false },
  W5: { about: "plain GET on the streaming path: 426, or 400", on: true, variants: ["426", "400"] },
  W6: { about: "strict: bad or unknown parameter: 400", on: false },
  W10: { about: "messages carry the window's segments", on: true },
  W11: { about: "messages carry every segment from id 0", on: false },
  W12: { about: "length of the window", on: true, settings: { seconds: 25 } },
  W13: {
    about: "ids as number, numeric string, or seg_N",
    on: true,
    variants: ["number", "string", "seg"],
  },
  W14: {
    about: "an interim segment retracted, or two fused",
    on: false,
    variants: ["retracted", "fused"],
  },
  W15: { about: "revised text under the same id; off: no interims", on: true },
  W16: { about: "final after text_timeout_seconds of silence", on: true, settings: { seconds: 0 } },
  W17: { about: "a final segment grows", on: false },
  W18: { about: "finals never sent", on: false },
  W19: {
    about: "times only with both granularities; %2C ignored, or accepted",
    on: true,
    variants: ["ignored", "accepted"],
  },
  W20: { about: "null words, or null segments", on: false, variants: ["words", "segments"] },
  W21: { about: "comma-joined languages", on: false, settings: { languages: "en,de" } },
  W22: { about: "seek in segments", on: true },
  W23: {
    about: "no messages during silence; off: the last message again, each second of it",
    on: true,
  },
  W24: { about: "times and ids restart on every connection; off: they go on", on: true },
  W25: {
    about: "a message repeated, or in the wrong order",
    on: false,
    variants: ["repeated", "reordered"],
  },
  W26: {
    about: "a very large message, or a burst",
    on: false,
    variants: ["large", "burst"],
    settings: { bytes: 1_000_000, count: 100 },
  },
  W27: {
    about: "garbage frames before each message",
    on: false,
    variants: ["broken-json", "binary", "unknown-object", "no-key"],
  },
  W28: { about: "the server stops reading", on: false, settings: { seconds: 1 } },
  W30: {
    about: "checkpoint echo with only checkpoint_id, after a delay",
    on: true,
    settings: { delayMs: 0 },
  },
  W31: { about: "every trace echoed in order; off: none", on: true },
  W32: { about: "end echo missing", on: false },
  W33: { about: "end echo doubled", on: false },
  W34: { about: "end echo in the other form", on: false },
  W35: { about: "another transcript behind the end echo", on: false },
  W36: {
    about: "clear: ids restart, or continue; a late old message before or after the ack; no ack",
    on: true,
    variants: ["restart", "continue", "late-before", "late-after", "no-ack"],
  },
  W37: {
    about: "bad client text ignored, or answered by an error frame or a close",
    on: true,
    variants: ["ignored", "error", "1003", "1007"],
  },
  W38: {
    about: "odd, short, long or empty audio accepted, or answered by an error or a close",
    on: true,
    variants: ["accepted", "error", "close"],
  },
  W39: {
    about: "error frame, socket stays open",
    on: false,
    variants: ["string", "object"],
    settings: { seconds: 1 },
  },
  W40: {
    about: "audio after the end marker accepted, or answered by a close",
    on: true,
    variants: ["accepted", "close"],
  },
  W50: {
    about: "cut without a close frame at a byte, second or message",
    on: false,
    settings: { seconds: 0, bytes: 0, messages: 0 },
  },
  W51: { about: "close with a code", on: false, settings: { code: 1011, reason: "", seconds: 1 } },
  W52: { about: "idle limit: close 1001", on: false, settings: { seconds: 10 } },
  W53: { about: "session-length limit: close 1001", on: false, settings: { seconds: 60 } },
  W54: {
    about: "client pings answered, or ignored; or the server pings",
    on: true,
    variants: ["answered", "ignored", "pings"],
    settings: { seconds: 1 },
  },
  W55: { about: "freeze: open, nothing sent", on: false, settings: { seconds: 1 } },
  W56: {
    about: "the first N connections drop, later ones work",
    on: false,
    settings: { count: 1, seconds: 1 },
  },
  W57: { about: "cut after the end marker, before its echo", on: false },
} as const satisfies Record<string, FaultEntry>;

const BATCH = {
  B1: {
    about: "submit answers five fields; or without message",
    on: true,
    variants: ["message", "no-message"],
  },
  B2: { about: "missing or unknown endpoint_id: 400", on: true },
  B3: { about: "bad path: 404", on: true },
  B4: { about: "form errors at submit, or by the job", on: true, variants: ["submit", "job"] },
  B5: { about: "processing for N polls or seconds", on: true, settings: { polls: 2, seconds: 0 } },
  B6: {
    about: "message null, absent, or a string",
    on: true,
    variants: ["null", "absent", "string"],
  },
  B7: { about: "content_type present, or absent", on: true, variants: ["present", "absent"] },
  B8: { about: "completed with an error body", on: false },
  B9: {
    about: "a failed status word, with message or error",
    on: false,
    variants: ["failed", "error", "cancelled", "unknown"],
    settings: { key: "message" },
  },
  B10: { about: "unknown id 404; foreign account 404, or 403", on: true, variants: ["404", "403"] },
  B11: { about: "404 on the first poll", on: false },
  B12: {
    about: "429 or 5xx on the first polls",
    on: false,
    settings: { status: 429, polls: 1 },
  },
  B13: { about: "processing for ever", on: false },
  B14: {
    about: "404 for a job that had ended, after so many polls",
    on: false,
    settings: { polls: 3 },
  },
  B15: {
    about: "reset in mid-upload; or job accepted but the answer lost",
    on: false,
    variants: ["reset", "lost"],
    settings: { bytes: 4096 },
  },
} as const satisfies Record<string, FaultEntry>;

/**
 * Every code with what it does, its variants and its settings; docs/server.md has it as a table.
 */
export const CATALOG = { ...GATEWAY, ...SYNC, ...STREAM, ...BATCH } as const;

/** A code of PROTOCOL §12. */
export type FaultCode = keyof typeof CATALOG;

/** The codes, in the order of the catalog. */
export const FAULT_CODES = Object.keys(CATALOG) as readonly FaultCode[];

export function isFaultCode(code: string): code is FaultCode {
  return Object.hasOwn(CATALOG, code);
}

/** The entry of a code, without its literal type. */
export function faultEntry(code: FaultCode): FaultEntry {
  return CATALOG[code];
}
