/**
 * The socket port on the platform's own `WebSocket`: browsers, Deno, Bun, Node 22 and later. It sets
 * no headers, so the key travels in the URL (PROTOCOL §3); it sends no pings, so the session asks
 * with traces; and it does not say why a connection could not be made (PROTOCOL §1.2).
 */
import type { OpenSocket, SocketEvents, StreamSocket } from "./socket.ts";

/** As much of the standard's `WebSocket` as is used (WHATWG WebSockets §3). */
interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: MessageLike) => void): void;
  addEventListener(type: "close", listener: (event: CloseLike) => void): void;
  send(data: Uint8Array | string): void;
  close(code?: number): void;
}

interface MessageLike {
  readonly data: unknown;
}

interface CloseLike {
  readonly code: number;
  readonly reason: string;
}

type WebSocketClass = new (url: string) => WebSocketLike;

const OPEN = 1;

/**
 * The platform's socket.
 *
 * @throws TypeError where there is none.
 */
export function platformSocket(): OpenSocket {
  const { WebSocket } = globalThis as { WebSocket?: WebSocketClass };
  if (WebSocket === undefined) {
    throw new TypeError(
      "Cannot open a session: the platform must have a WebSocket; before Node 22 import from everyword",
    );
  }
  return ({ url, headers }, events) =>
    new PlatformSocket(new WebSocket(withKey(url, headers["Authorization"])), events);
}

/** Names and values as the reference has them: `Authorization=<key>`, `Bearer ` in front by choice. */
function withKey(url: string, authorization: string | undefined): string {
  if (authorization === undefined) return url;
  return `${url}${url.includes("?") ? "&" : "?"}Authorization=${encodeURIComponent(authorization)}`;
}

const UNKNOWN_REASON =
  "the platform does not say why: nothing may listen there, the key or this page may be refused, or the service withdrawn";

class PlatformSocket implements StreamSocket {
  readonly #socket: WebSocketLike;

  constructor(socket: WebSocketLike, events: SocketEvents) {
    let isOpen = false;
    let isRefused = false;
    const refuse = (): void => {
      if (isRefused) return;
      isRefused = true;
      events.onRefused({ kind: "network", message: UNKNOWN_REASON });
    };
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      isOpen = true;
      events.onOpen();
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") events.onText(data);
      else events.onSign();
    });
    // By the standard `close` follows; undici before 7 leaves it out when the handshake fails.
    socket.addEventListener("error", () => {
      if (!isOpen) refuse();
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (isOpen) events.onClosed(code, reason);
      else refuse();
    });
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(data: Uint8Array | string): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(data);
  }

  close(): void {
    this.#socket.close(1000);
  }

  /** The platform closes at its own pace; the session does not wait for it. */
  terminate(): void {
    this.#socket.close();
  }
}
