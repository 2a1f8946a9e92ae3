/** A plain client for the wire: `ws` alone, no code of ours. Every wait has a bound. */
import { WebSocket } from "ws";

export interface WireMessage {
  readonly [key: string]: unknown;
}

export interface PlainStream {
  readonly socket: WebSocket;
  /** Every message so far, as JSON or, when it is none, as `{raw}`. */
  readonly messages: WireMessage[];
  /** The code and reason of the close, once it happened. */
  readonly closed: Promise<{ code: number; reason: string }>;
  sendAudio(samples: Int16Array, framesPerMessage?: number): void;
  sendJson(value: unknown): void;
  /** The first message, old or new, that fits. */
  next(fits: (message: WireMessage) => boolean, boundMs?: number): Promise<WireMessage>;
  /** Sends the end marker and waits for its echo; all transcriptions. */
  finish(boundMs?: number): Promise<WireMessage[]>;
}

const BOUND_MS = 10_000;

export function bounded<Value>(
  work: Promise<Value>,
  what: string,
  boundMs = BOUND_MS,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${boundMs} ms`)), boundMs);
  });
  return Promise.race([work, bound]).finally(() => clearTimeout(timer));
}

export interface DialOptions {
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

/** Resolves with the open stream; rejects with `{status, body}` when the upgrade is refused. */
export function dial(url: string, options: DialOptions = {}): Promise<PlainStream> {
  const path = options.path ?? "/v1/audio/transcriptions/streaming";
  const query = options.query === undefined ? "" : `?${options.query}`;
  const socket = new WebSocket(`${url.replace(/^http/u, "ws")}${path}${query}`, {
    headers: options.headers ?? {},
    rejectUnauthorized: false,
  });
  const messages: WireMessage[] = [];
  const waiting = new Set<() => void>();
  socket.on("message", (data: Buffer, isBinary) => {
    messages.push(isBinary ? { binary: data } : parse(data.toString("utf8")));
    for (const wake of waiting) wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const stream: PlainStream = {
    socket,
    messages,
    closed: bounded(closed, "close").catch(() => ({ code: 0, reason: "never closed" })),
    sendAudio(samples, framesPerMessage = 800) {
      for (let at = 0; at < samples.length; at += framesPerMessage) {
        const part = samples.slice(at, at + framesPerMessage);
        socket.send(new Uint8Array(part.buffer));
      }
    },
    sendJson: (value) => socket.send(typeof value === "string" ? value : JSON.stringify(value)),
    next: (fits, boundMs) =>
      bounded(
        new Promise((resolve) => {
          const look = (): void => {
            const found = messages.find(fits);
            if (found === undefined) return;
            waiting.delete(look);
            resolve(found);
          };
          waiting.add(look);
          look();
        }),
        "message",
        boundMs,
      ),
    async finish(boundMs) {
      socket.send('{"checkpoint_id":"final"}');
      await stream.next((message) => message["checkpoint_id"] === "final", boundMs);
      return messages.filter((message) => "segments" in message);
    },
  };
  return bounded(
    new Promise((resolve, reject) => {
      socket.on("open", () => resolve(stream));
      socket.on("error", reject);
      socket.on("unexpected-response", (_request, response) => {
        let body = "";
        response.on("data", (part: Buffer) => (body += part.toString("utf8")));
        response.on("end", () =>
          reject(Object.assign(new Error("refused"), refusalIn(response, body))),
        );
      });
    }),
    "open",
  );
}

function refusalIn(
  response: { statusCode?: number | undefined; headers: unknown },
  body: string,
): { status: number | undefined; headers: unknown; body: string } {
  return { status: response.statusCode, headers: response.headers, body };
}

function parse(text: string): WireMessage {
  try {
    return JSON.parse(text) as WireMessage;
  } catch {
    return { raw: text };
  }
}

/** Merges messages as PROTOCOL §4.6 says, roughly: id -> segment. */
export function mergeById(messages: readonly WireMessage[]): Map<unknown, WireMessage> {
  const segments = new Map<unknown, WireMessage>();
  for (const message of messages) {
    for (const segment of (message["segments"] ?? []) as WireMessage[]) {
      segments.set(segment["id"], segment);
    }
  }
  return segments;
}

/** The merged text of all messages. */
export function mergedText(messages: readonly WireMessage[]): string {
  return [...mergeById(messages).values()].map((segment) => segment["text"]).join(" ");
}
