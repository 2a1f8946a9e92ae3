/** HTTP requests -> routes; refusals before and errors after them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf } from "../errors.ts";
import { STREAMING_PATH } from "../service.ts";
import { faultsOf, type ServerContext } from "./context.ts";
import type { Faults } from "./faults/faults.ts";
import { type Refusal, refusalOf, refuse } from "./gateway.ts";
import { HttpError } from "./http-error.ts";
import { listModels } from "./models.ts";
import { splitUrl } from "./streaming/upgrade.ts";

/** One HTTP request on its way. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly faults: Faults;
}

export interface Router {
  /** Answers a request; never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Resolves when no request is running, or after `boundMs`. */
  drain(boundMs: number): Promise<void>;
}

/** What a client may still send after it was refused: then its connection is cut. */
const LINGER_MS = 2000;

export function createRouter(context: ServerContext): Router {
  let number = 0;
  const running = new Set<Promise<void>>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { path, query } = splitUrl(request.url ?? "/");
    try {
      if (answerHealth(context, request, response, path)) return;
      const faults = faultsOf(context, request.headers, query, ++number);
      if (context.isDraining()) throw new HttpError(503, "The server is stopping.");
      const refused = refuse({ headers: request.headers, query }, faults, context.isKnown);
      if (refused === undefined) await route({ request, response, path, query, faults }, context);
      else sendRefusal(request, response, refused);
    } catch (error) {
      const refused = refusalOf(error);
      if (refused.status >= 500) {
        context.log("error", "request-failed", { path, why: messageOf(error) });
      }
      if (response.headersSent) response.destroy();
      else sendRefusal(request, response, refused);
    } finally {
      context.metrics.countAnswer(response.statusCode);
      context.log("info", "request", { method: request.method, path, status: response.statusCode });
    }
  };

  return {
    async handle(request, response) {
      const done = answer(request, response);
      running.add(done);
      await done;
      running.delete(done);
    },
    async drain(boundMs) {
      if (running.size === 0) return;
      let timer: NodeJS.Timeout | undefined;
      const bound = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, boundMs);
      });
      await Promise.race([Promise.all(running), bound]);
      clearTimeout(timer);
    },
  };
}

async function route(exchange: Exchange, context: ServerContext): Promise<void> {
  const { path, request, response, faults } = exchange;
  if (path === STREAMING_PATH) {
    const status = Number(faults.variant("W5") ?? "400");
    throw new HttpError(status, "This path is for WebSocket handshakes.", {
      headers: { upgrade: "websocket", connection: "Upgrade" },
    });
  }
  if (path === "/v1/models") {
    requireMethod(exchange, "GET");
    sendJson(response, 200, listModels(context.recognizer.models));
    return;
  }
  request.resume();
  throw new HttpError(404, `There is nothing at ${path}.`);
}

/** Liveness, readiness and counters: no key is asked for, they tell nothing of anyone's audio. */
function answerHealth(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): boolean {
  if (path !== "/healthz" && path !== "/readyz" && path !== "/metrics") return false;
  request.resume();
  if (path === "/metrics") {
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(context.metrics.render(context.recognizer.load()));
    return true;
  }
  const ready = path === "/healthz" || (context.isReady() && !context.isDraining());
  sendJson(response, ready ? 200 : 503, { status: ready ? "ok" : "not ready" });
  return true;
}

/** @throws HttpError 405 (A6). */
export function requireMethod(exchange: Exchange, method: string): void {
  if (exchange.request.method === method || !exchange.faults.has("A6")) return;
  throw new HttpError(405, `${exchange.path} takes ${method} only.`, {
    headers: { allow: method },
  });
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

/**
 * Answers at once, also in mid-upload. What the client still sends is read and dropped for a while,
 * so that it gets to read the answer, then its connection is cut.
 */
function sendRefusal(request: IncomingMessage, response: ServerResponse, refused: Refusal): void {
  const unread = !request.complete && request.method !== "GET";
  response.writeHead(refused.status, {
    "content-type": refused.body.contentType,
    "content-length": Buffer.byteLength(refused.body.text),
    ...(unread ? { connection: "close" } : {}),
    ...refused.headers,
  });
  response.end(refused.body.text);
  request.resume();
  if (!unread) return;
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
}
