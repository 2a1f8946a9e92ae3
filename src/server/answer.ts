/** Answers, and what a scenario does to the successful ones (A10, A15, A16). */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import type { Exchange } from "./exchange.ts";
import type { Refusal } from "./gateway.ts";

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** 200 with this body. Resolves once it is handed to the socket, or the client left. */
export async function sendAnswer(
  exchange: Exchange,
  contentType: string,
  text: string,
): Promise<void> {
  const { response, faults } = exchange;
  // Never answered (A15): the connection stays until the client or the server ends it.
  if (faults.has("A15")) return;
  const body = Buffer.from(text);
  const manner = faults.get("A16");
  const sent = manner?.variant === "truncated" ? body.subarray(0, body.byteLength >> 1) : body;
  response.writeHead(200, {
    "content-type": contentType,
    "content-length": sent.byteLength,
    ...(faults.has("A10") ? { "x-ratelimit-over-limit": "yes" } : {}),
  });
  if (manner?.variant === "slow") {
    for (let at = 0; at < sent.byteLength && !response.destroyed; at++) {
      response.write(sent.subarray(at, at + 1));
      await wait(manner.number("delayMs"));
    }
    response.end();
  } else {
    response.end(sent);
  }
  if (!response.writableFinished && !response.destroyed) {
    await Promise.race([once(response, "finish"), once(response, "close")]);
  }
}

/**
 * Answers at once, also in mid-upload. What the client still sends is then read and dropped: a
 * connection that is closed with bytes unread is reset, and a client that sends everything before it
 * reads would never see why. One that goes on for longer than `lingerMs` is cut.
 */
export function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  refused: Refusal,
  lingerMs: number,
): void {
  if (response.destroyed) return;
  const unread = !request.complete && request.method !== "GET";
  response.writeHead(refused.status, {
    "content-type": refused.body.contentType,
    "content-length": Buffer.byteLength(refused.body.text),
    ...(unread ? { connection: "close" } : {}),
    ...refused.headers,
  });
  // A body that is read by someone else flows or ends already.
  request.resume();
  if (!unread) {
    response.end(refused.body.text);
    return;
  }
  // The answer leaves whole; its end, at which Node closes the connection, waits for the client's.
  response.flushHeaders();
  response.write(refused.body.text);
  const timer = setTimeout(() => request.socket.destroy(), lingerMs);
  timer.unref();
  request.once("end", () => response.end());
  request.once("close", () => clearTimeout(timer));
}

/** Ends a connection as a crash would: by a reset; under TLS, where there is none to send, at once. */
export function cutConnection(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
