/**
 * The socket port: what a session needs of a WebSocket. On `ws` (`ws-socket.ts`), on the platform's
 * own (`platform-socket.ts`), and in memory (the tests).
 */
import type { DialFailure } from "./core/failure.ts";

/** What is dialed. */
export interface SocketRequest {
  /** Without a key; one that is put into it must not be logged. */
  readonly url: string;
  /** Sent with the upgrade; never logged. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Exactly one of `onRefused` and `onOpen` comes first; after `onRefused` or `onClosed` nothing. */
export interface SocketEvents {
  /** The WebSocket is open; at most once. */
  onOpen(): void;
  /** It never opened; nothing follows. */
  onRefused(failure: DialFailure): void;
  /** A whole text message. */
  onText(text: string): void;
  /** A pong, or a binary frame: a sign of life without text. */
  onSign(): void;
  /** `code` 1006 = without goodbye. */
  onClosed(code: number, reason: string): void;
}

/** What a session needs of a WebSocket. A call that throws counts as a connection that is lost. */
export interface StreamSocket {
  /** Copies what it keeps; writes it before the event loop waits again. */
  send(data: Uint8Array | string): void;
  /** Asks for a sign of life. Absent where the platform cannot: the session then asks with a trace. */
  ping?(): void;
  /** Says goodbye with 1000 and then closes, within a second. */
  close(): void;
  /** Closes at once. */
  terminate(): void;
  /** Bytes that wait in the socket; never a sign of health. */
  readonly bufferedBytes: number;
}

/**
 * Starts a connection; reports only later, never during the call. A call that throws counts as a
 * refused connection.
 */
export type OpenSocket = (request: SocketRequest, events: SocketEvents) => StreamSocket;
