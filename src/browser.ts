/**
 * `everyword/browser`: live sessions on the platform's own WebSocket, for browsers, Deno, Bun and
 * Node 22 or later. Nothing on this path imports `ws` or a module of Node. Captions are in
 * `everyword/captions`, which runs everywhere too.
 */
import { transcribeChannelsWith, type ChannelOptions } from "./stream/channels-with.ts";
import type { SessionEvent } from "./stream/core/events.ts";
import { LiveSession } from "./stream/live-session.ts";
import type { SessionOptions } from "./stream/options.ts";
import { platformSocket } from "./stream/platform-socket.ts";
import type { Session } from "./stream/session-interface.ts";
import { transcribeWith } from "./stream/transcribe-with.ts";

export {
  EverywordError,
  ServiceWithdrawnError,
  type ErrorCode,
  type WithdrawnSignal,
} from "./errors.ts";
export { languageCode, LANGUAGES } from "./languages.ts";
export type { RetryPolicy } from "./retry.ts";
export { serverService, type ApiKey, type AuthScheme, type Service } from "./service.ts";
export type { ChannelOptions } from "./stream/channels-with.ts";
export { TranscriptCollector } from "./stream/core/collect.ts";
export type { Outcome } from "./stream/core/commands.ts";
export type { SessionEvent } from "./stream/core/events.ts";
export type { SessionOptions } from "./stream/options.ts";
export type { Session } from "./stream/session-interface.ts";
export { METRICS, type Metric, type MetricName, type MetricSink } from "./stream/metrics.ts";
export type { OpenSocket, SocketEvents, SocketRequest, StreamSocket } from "./stream/socket.ts";
export { toWritableStream } from "./stream/writable-stream.ts";
export {
  transcriptText,
  transcriptWords,
  type Gap,
  type Segment,
  type Transcript,
  type Word,
} from "./transcript.ts";

/**
 * Opens a session and begins to dial, as `openSession` of `everyword` does. A page must never hold a
 * lasting key: give `service.apiKey` a function that asks your own server for a short-lived token, or
 * let `service` be your own relay that adds the key.
 *
 * @throws TypeError or RangeError for options that cannot be, and where there is no WebSocket.
 */
export function openSession(options: SessionOptions): Session {
  return new LiveSession(options, options.openSocket ?? platformSocket());
}

/** As `transcribeChunks` of `everyword`: chunks of s16le, 16 kHz, mono in, events out. */
export function transcribeChunks(
  chunks: AsyncIterable<Uint8Array>,
  options: SessionOptions,
): AsyncGenerator<SessionEvent, undefined> {
  return transcribeWith(chunks, () => openSession(options));
}

/** As `transcribeChannels` of `everyword`: a session for each channel, one stream of events. */
export function transcribeChannels(
  channels: Readonly<Record<string, AsyncIterable<Uint8Array>>>,
  options: ChannelOptions,
): AsyncGenerator<SessionEvent, undefined> {
  return transcribeChannelsWith(channels, options, openSession);
}
