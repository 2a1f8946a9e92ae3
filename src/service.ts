/**
 * Where the audio goes, decided once for the command line and the library (pure: the caller reads
 * the environment and the files):
 *
 * 1. `server`, or `EVERYWORD_SERVER`: streaming, sync and batch all go there;
 * 2. otherwise a key means the hosted service (PROTOCOL §2);
 * 3. otherwise the local recognizer, in a server inside this process.
 */
import { EverywordError } from "./errors.ts";

/** The models of the sync and batch routes; model and host belong together (PROTOCOL §2, P14). */
export type FileModel = "whisper-v3" | "whisper-v3-turbo";

/** `1` = fireworks-asr-large, `2` = fireworks-asr-v2 (preview); chosen by host, never by parameter. */
export type StreamingVersion = 1 | 2;

/** How the key is written into the request (PROTOCOL §3). */
export type AuthScheme = "raw" | "bearer";

/** A key, or a function that is asked for a fresh one at every dial. */
export type ApiKey = string | (() => string | Promise<string>);

/** Everything a client needs to reach one service. */
export interface Service {
  /** A server of the protocol, the hosted service, or the recognizer in this process. */
  readonly kind: "server" | "hosted" | "embedded";
  /** `ws:` or `wss:` base URLs without the path. */
  readonly streaming: Readonly<Record<StreamingVersion, string>>;
  /** `http:` or `https:` base URLs without the path. */
  readonly sync: Readonly<Record<FileModel, string>>;
  /** `http:` or `https:` base URL without the path. */
  readonly batch: string;
  /** Read anew at every dial and request where it is a function. */
  readonly apiKey?: ApiKey | undefined;
  /** How the key is written into a request. */
  readonly auth: AuthScheme;
}

export const STREAMING_PATH = "/v1/audio/transcriptions/streaming";

/** The hosted service's documented hosts (PROTOCOL §2). */
export function hostedService(apiKey: ApiKey, auth: AuthScheme = "raw"): Service {
  return {
    kind: "hosted",
    streaming: {
      1: "wss://audio-streaming.api.fireworks.ai",
      2: "wss://audio-streaming-v2.api.fireworks.ai",
    },
    sync: {
      "whisper-v3": "https://audio-prod.api.fireworks.ai",
      "whisper-v3-turbo": "https://audio-turbo.api.fireworks.ai",
    },
    batch: "https://audio-batch.api.fireworks.ai",
    apiKey,
    auth,
  };
}

/**
 * One base URL for everything: a local server, a proxy, or anything that speaks the protocol.
 *
 * @param url `http`, `https`, `ws` or `wss`; a path is kept as a prefix.
 * @throws EverywordError `usage` when it is no such URL.
 */
export function serverService(
  url: string,
  apiKey?: ApiKey,
  kind: "server" | "embedded" = "server",
): Service {
  const parsed = parseServerUrl(url);
  const base = `${parsed.host}${parsed.pathname.replace(/\/+$/u, "")}`;
  const secure = parsed.protocol === "https:" || parsed.protocol === "wss:";
  const http = `${secure ? "https" : "http"}://${base}`;
  const socket = `${secure ? "wss" : "ws"}://${base}`;
  return {
    kind,
    streaming: { 1: socket, 2: socket },
    sync: { "whisper-v3": http, "whisper-v3-turbo": http },
    batch: http,
    apiKey,
    auth: "raw",
  };
}

/** A server as people say it, without the scheme. */
const HOST_AND_PORT = /^(?:[\w.-]+|\[[\da-f:]+\]):\d{1,5}(?:\/[\w./-]*)?$/iu;

function notUrl(url: string, cause?: unknown): EverywordError {
  const example = HOST_AND_PORT.test(url) ? `http://${url}` : "like http://127.0.0.1:8080";
  const message = `The server "${redactUrl(url)}" is not a URL; write it ${example}.`;
  return new EverywordError("usage", message, { cause });
}

function parseServerUrl(url: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (cause) {
    throw notUrl(url, cause);
  }
  // `localhost:8080` is a URL to the letter, of a scheme "localhost".
  if (HOST_AND_PORT.test(url)) throw notUrl(url);
  if (!["http:", "https:", "ws:", "wss:"].includes(parsed.protocol)) {
    throw new EverywordError(
      "usage",
      `The server URL must begin with http, https, ws or wss, not "${parsed.protocol}".`,
    );
  }
  return parsed;
}

/** What was said about the service, before anything is opened. */
export interface ServiceSettings {
  readonly server?: string | undefined;
  readonly apiKey?: ApiKey | undefined;
  readonly auth?: AuthScheme | undefined;
}

/** The rule above. `undefined` means: start the embedded server. */
export function chooseService(settings: ServiceSettings): Service | undefined {
  if (settings.server !== undefined && settings.server !== "") {
    const service = serverService(settings.server, settings.apiKey);
    return settings.auth === undefined ? service : { ...service, auth: settings.auth };
  }
  if (settings.apiKey !== undefined && settings.apiKey !== "") {
    return hostedService(settings.apiKey, settings.auth);
  }
  return undefined;
}

/** What no header can hold (RFC 9110 §5.5). */
const NOT_IN_HEADER = /[^\t\x20-\x7e\x80-\xff]/u;

/**
 * The `Authorization` value for a key (PROTOCOL §3); `undefined` = there is none. Spaces and line ends
 * around a key are no part of it.
 *
 * @throws TypeError, without the key in it, for one that cannot be sent.
 */
export function authorizationValue(key: string | undefined, auth: AuthScheme): string | undefined {
  if (key === undefined) return undefined;
  if (typeof key !== "string") {
    throw new TypeError(`Cannot send the API key: it must be a string, got ${typeof key}`);
  }
  const value = key.trim();
  if (value === "") return undefined;
  const at = value.search(NOT_IN_HEADER);
  if (at !== -1) {
    throw new TypeError(
      `Cannot send the API key: it must hold only what a header can, got another character at position ${at + 1}`,
    );
  }
  return auth === "bearer" ? `Bearer ${value}` : value;
}

/** A URL that may be printed: the key in the query and any credentials are gone (P32). */
export function redactUrl(url: string): string {
  return url
    .replace(/([?&;]authorization=)[^&#]*/giu, "$1***")
    .replace(/:\/\/[^/@\s]*@/u, "://***@");
}
