/**
 * The socket port: what a session needs of a WebSocket. One real implementation (`ws-socket.ts`), one
 * in memory (the tests); platforms that bring their own hand one in as `openSocket`.
 */
import type { DialFailure } from "./core/failure.ts";

export interface SocketRequest {
  /** Never logged: a platform without headers carries the key in it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Exactly one of `onRefused` and `onOpen` comes first; after `onRefused` or `onClosed` nothing. */
export interface SocketEvents {
  onOpen(): void;
  onRefused(failure: DialFailure): void;
  onText(text: string): void;
  /** A pong, or a binary frame: a sign of life without text. */
  onSign(): void;
  /** `code` 1006 = without goodbye. */
  onClosed(code: number, reason: string): void;
}

export interface StreamSocket {
  /** Copies what it keeps. */
  send(data: Uint8Array | string): void;
  ping(): void;
  /** Says goodbye with 1000 and then closes, within a second. */
  close(): void;
  /** Closes at once. */
  terminate(): void;
  /** Bytes that wait in the socket; never a sign of health. */
  readonly bufferedBytes: number;
}

/** Starts a connection; reports only later, never during the call. */
export type OpenSocket = (request: SocketRequest, events: SocketEvents) => StreamSocket;
