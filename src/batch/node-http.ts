/**
 * HTTP on `node:http`: reused buffers, an explicit loop and an exact `Content-Length`. `fetch`
 * holds the whole body in memory (nodejs/undici#4058), a piped stream is slower and half as lean.
 */
import { type FileHandle, open } from "node:fs/promises";
import { Agent as PlainAgent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import type { HttpAnswer } from "./core/verdict.ts";
import { Exchange } from "./exchange.ts";
import type { GetRequest, HttpPort, UploadRequest } from "./http-port.ts";
import { sendBody } from "./send-body.ts";
import { unreadable } from "./unreadable.ts";

/** Smaller bodies are sent without asking first: the round trip costs more than they do. */
const EXPECT_FROM_BYTES = 65_536;
/** Servers that know no `Expect` get the body after this (RFC 9110 §10.1.1: do not wait for ever). */
const INVITATION_MS = 1000;

/** Status calls share connections; at most 8 a host are kept. */
const KEPT = { keepAlive: true, maxSockets: 8, maxFreeSockets: 8 } as const;

/** The real {@link HttpPort}. Holds idle connections, which keep no process alive. */
export class NodeHttp implements HttpPort {
  readonly #plain = new PlainAgent(KEPT);
  readonly #secure = new SecureAgent(KEPT);
  readonly #worked = new Set<string>();

  hostWorked(host: string): boolean {
    return this.#worked.has(host);
  }

  async get(request: GetRequest): Promise<HttpAnswer> {
    const url = new URL(request.url);
    const exchange = new Exchange({
      method: "GET",
      url,
      headers: request.headers,
      limits: request.limits,
      agent: url.protocol === "https:" ? this.#secure : this.#plain,
      signal: request.signal,
      onConnected: () => this.#worked.add(url.host),
    });
    exchange.end();
    return exchange.answer;
  }

  async upload(request: UploadRequest): Promise<HttpAnswer> {
    request.signal?.throwIfAborted();
    const file = await openToRead(request.path);
    try {
      return await this.#upload(request, file);
    } finally {
      await file.close();
    }
  }

  async #upload(request: UploadRequest, file: FileHandle): Promise<HttpAnswer> {
    const url = new URL(request.url);
    const totalBytes = request.head.length + request.fileBytes + request.tail.length;
    const asks = totalBytes >= EXPECT_FROM_BYTES;
    const exchange = new Exchange({
      method: "POST",
      url,
      headers: {
        ...request.headers,
        "content-length": totalBytes,
        ...(asks ? { expect: "100-continue" } : {}),
      },
      limits: request.limits,
      agent: false,
      signal: request.signal,
      onConnected: () => this.#worked.add(url.host),
    });
    try {
      if (asks) await invitation(exchange);
      await sendBody({ exchange, request, file, totalBytes }, url.protocol === "https:");
    } catch (error) {
      exchange.abort(error);
    }
    return exchange.answer;
  }
}

/** Waits for `100 Continue`, an answer, or a second. */
async function invitation(exchange: Exchange): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, INVITATION_MS);
  });
  await Promise.race([exchange.invited, patience]);
  clearTimeout(timer);
}

/** @throws EverywordError `input-unreadable`. */
async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
