/** HTTP requests -> routes; refusals before and errors after them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf } from "../errors.ts";
import { STREAMING_PATH } from "../service.ts";
import type { BatchJobs } from "./jobs/route.ts";
import { sendJson, sendRefusal } from "./answer.ts";
import { faultsOf, type ServerContext } from "./context.ts";
import { type Exchange, readRole, requireMethod } from "./exchange.ts";
import type { FileTask } from "./files/fields.ts";
import { handleFile } from "./files/route.ts";
import { refusalOf, refuse } from "./gateway.ts";
import { HttpError } from "./http-error.ts";
import { listModels } from "./models.ts";
import { allowOrigin, FOREIGN_PAGE, PREFLIGHT_HEADERS } from "./origin.ts";
import { decodeQuery } from "./streaming/parameters.ts";
import { splitUrl } from "./streaming/upgrade.ts";

export interface Router {
  /** Answers a request; never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Resolves when no request is running, or after `boundMs`. */
  drain(boundMs: number): Promise<void>;
}

export function createRouter(context: ServerContext, jobs: () => Promise<BatchJobs>): Router {
  let number = 0;
  const running = new Set<Promise<void>>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { path: whole, query } = splitUrl(request.url ?? "/");
    const { role, isBatchHost, path } = readRole(request.headers.host, whole);
    const isBatch = isBatchHost || query.has("endpoint_id");
    try {
      if (answerHealth(context, request, response, path)) return;
      const faults = faultsOf(context, request.headers, query, ++number);
      if (context.isDraining()) throw new HttpError(503, "The server is stopping.");
      if (answerOrigin(context, request, response)) return;
      const refused = refuse({ headers: request.headers, query }, faults, context.isKnown);
      if (refused !== undefined) sendRefusal(request, response, refused, context.limits.lingerMs);
      else {
        const exchange = { request, response, path, query, faults, role, isBatch };
        await route(exchange, context, jobs);
      }
    } catch (error) {
      const refused = refusalOf(error);
      if (refused.status >= 500) {
        context.log("error", "request-failed", { path, why: messageOf(error) });
      }
      if (response.headersSent) response.destroy();
      else sendRefusal(request, response, refused, context.limits.lingerMs);
    } finally {
      context.metrics.countAnswer(response.statusCode);
      context.log("info", "request", {
        method: request.method,
        path: path.slice(0, 200),
        status: response.statusCode,
      });
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

const TASKS: ReadonlyMap<string, FileTask> = new Map([
  ["/v1/audio/transcriptions", "transcribe"],
  ["/v1/audio/translations", "translate"],
]);

async function route(
  exchange: Exchange,
  context: ServerContext,
  jobs: () => Promise<BatchJobs>,
): Promise<void> {
  const { path, response, faults } = exchange;
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
  const task = TASKS.get(path);
  if (task !== undefined) {
    requireMethod(exchange, "POST");
    if (exchange.isBatch) await (await jobs()).create(exchange, task);
    else await handleFile(exchange, context, task);
    return;
  }
  const [, account, id] = /^\/v1\/accounts\/([^/]+)\/batch_job\/([^/]+)$/u.exec(path) ?? [];
  if (account !== undefined && id !== undefined) {
    await (await jobs()).handleJob(exchange, decodeQuery(account), decodeQuery(id));
    return;
  }
  throw new HttpError(404, `There is nothing at ${path}.`);
}

/**
 * Lets a page in or not, and answers its preflight; true when that was all.
 *
 * @throws HttpError 403.
 */
function answerOrigin(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const headers = allowOrigin(request.headers, context.isKnown !== undefined);
  if (headers === undefined) throw new HttpError(403, FOREIGN_PAGE);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const asked = request.headers["access-control-request-method"];
  if (request.method !== "OPTIONS" || asked === undefined) return false;
  request.resume();
  response.writeHead(204, PREFLIGHT_HEADERS);
  response.end();
  return true;
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
