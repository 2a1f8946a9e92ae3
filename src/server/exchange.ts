/** One HTTP request on its way through the server. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Faults } from "./faults/faults.ts";
import { HttpError } from "./http-error.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Without the role's prefix. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly faults: Faults;
  /** Which sync host it was meant for, where host name or prefix tells (S8). */
  readonly role: "prod" | "turbo" | undefined;
  /** Whether it was meant for the batch host, or names an `endpoint_id`. */
  readonly isBatch: boolean;
}

/** @throws HttpError 405 (A6). */
export function requireMethod(exchange: Exchange, method: string): void {
  if (exchange.request.method === method || !exchange.faults.has("A6")) return;
  throw new HttpError(405, `${exchange.path} takes ${method} only.`, {
    headers: { allow: method },
  });
}

/** Which of the hosted service's hosts is meant: by the host's name, or by a prefix of the path. */
export function readRole(
  host: string | undefined,
  path: string,
): { role: Exchange["role"]; isBatchHost: boolean; path: string } {
  const prefix = /^\/(prod|turbo|batch)(?=\/)/u.exec(path)?.[1];
  const name = prefix ?? /^audio-(prod|turbo|batch)\./u.exec(host ?? "")?.[1];
  return {
    role: name === "prod" || name === "turbo" ? name : undefined,
    isBatchHost: name === "batch",
    path: prefix === undefined ? path : path.slice(prefix.length + 1),
  };
}
