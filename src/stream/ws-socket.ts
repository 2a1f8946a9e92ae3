/** The socket port on `ws`. Compression is off (PROTOCOL §4.7); deadlines are the session's own. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { WebSocket } from "ws";
import { retryAfterMs } from "../retry.ts";
import type { DialFailure } from "./core/failure.ts";
import { outbox, type Poster } from "./outbox.ts";
import type { OpenSocket, SocketEvents, StreamSocket } from "./socket.ts";

/** A larger message is not the protocol (W26). */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** As much of a refusal's body as is looked at (PROTOCOL §8.2). */
const BODY_BYTES = 2000;
/** A refusal's body, and a goodbye's answer or end, are waited for this long. */
const PATIENCE_MS = 1000;
/** `closeTimeout` is missing in the types of `ws`: its 30 s would look like a silent connection. */
const OPTIONS = {
  perMessageDeflate: false,
  maxPayload: MAX_MESSAGE_BYTES,
  followRedirects: false,
  closeTimeout: PATIENCE_MS,
};

/** The socket of Node. What is sent is copied, so a view of the replay buffer may be. */
export const openWsSocket: OpenSocket = (request, events) => {
  const socket = new WebSocket(request.url, {
    ...OPTIONS,
    headers: { ...request.headers },
  });
  return new WsSocket(socket, events);
};

class WsSocket implements StreamSocket, Poster {
  readonly #socket: WebSocket;
  readonly #events: SocketEvents;
  /** What it runs on; undefined before it is open. */
  connection: Socket | undefined;
  /** The kernel did not take all at once, and may not have taken the rest yet. */
  isSlow = false;
  #wasOpen = false;
  #isOver = false;
  #goodbye: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, events: SocketEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on("upgrade", (response) => {
      this.connection = response.socket;
    });
    socket.on("open", () => {
      this.#wasOpen = true;
      events.onOpen();
    });
    socket.on("message", (data, isBinary) => {
      if (isBinary) events.onSign();
      else events.onText(textOf(data));
    });
    socket.on("pong", () => events.onSign());
    socket.on("unexpected-response", (_request, response) => {
      void readRefusal(response).then((failure) => this.#refuse(failure));
    });
    // Without a listener an error event would end the process; after it `close` follows.
    socket.on("error", (error) => {
      if (!this.#wasOpen) this.#refuse(failureOf(error));
    });
    socket.on("close", (code, reason) => this.#closed(code, reason.toString("utf8")));
  }

  get bufferedBytes(): number {
    if (!this.isSlow) return 0;
    const bytes = this.#socket.bufferedAmount;
    this.isSlow = bytes > 0;
    return bytes;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(data: Uint8Array | string): void {
    const isText = typeof data === "string";
    const bytes = isText ? Buffer.from(data) : data;
    if (outbox.add(this, bytes, isText) || !this.isOpen) return;
    this.#socket.send(bytes, { binary: !isText });
    this.isSlow = true;
  }

  ping(): void {
    if (this.isOpen) this.#socket.ping();
  }

  close(): void {
    if (!this.#wasOpen) {
      this.terminate();
      return;
    }
    outbox.flush();
    this.#socket.close(1000);
    this.#goodbye = setTimeout(() => this.#socket.terminate(), PATIENCE_MS);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #refuse(failure: DialFailure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onRefused(failure);
    this.#socket.terminate();
  }

  #closed(code: number, reason: string): void {
    clearTimeout(this.#goodbye);
    if (this.#isOver) return;
    if (!this.#wasOpen) {
      this.#refuse({ kind: "network", message: "closed during the handshake" });
      return;
    }
    this.#isOver = true;
    this.#events.onClosed(code, reason);
  }
}

function textOf(data: unknown): string {
  if (typeof data === "string") return data;
  if (Array.isArray(data)) return Buffer.concat(data as Buffer[]).toString("utf8");
  return data instanceof ArrayBuffer
    ? Buffer.from(data).toString("utf8")
    : (data as Buffer).toString("utf8");
}

async function readRefusal(response: IncomingMessage): Promise<DialFailure> {
  const timer = setTimeout(() => response.destroy(), PATIENCE_MS);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= BODY_BYTES) break;
    }
  } catch {
    // A body that breaks off is as good as none: the status says enough.
  }
  clearTimeout(timer);
  return {
    kind: "status",
    status: response.statusCode ?? 0,
    body: Buffer.concat(chunks).toString("utf8").slice(0, BODY_BYTES).trim(),
    isJson: /json/iu.test(response.headers["content-type"] ?? ""),
    retryAfterMs: retryAfterMs(response.headers, Date.now()),
  };
}

/** Names that only a TLS layer gives its errors, before any request byte. */
const TLS_CODE = /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/u;

function failureOf(error: Error): DialFailure {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const message = describe(error, code);
  if (code === "ENOTFOUND") return { kind: "host-not-found", message };
  if (TLS_CODE.test(code)) return { kind: "tls-refused", message };
  return { kind: "network", message };
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ETIMEDOUT: "no answer",
  EAI_AGAIN: "the name server does not answer",
  ENETUNREACH: "network unreachable",
  EHOSTUNREACH: "host unreachable",
};

/** Never the raw message: it can hold the URL. An `AggregateError` (two addresses) has none at all. */
function describe(error: Error, code: string): string {
  return WORDS[code] ?? (code === "" ? error.message.slice(0, 200) : code);
}
