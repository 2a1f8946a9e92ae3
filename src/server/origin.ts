/**
 * Which web pages may use the server (RFC 6454 origins; the Fetch standard's CORS headers). Without
 * keys, whatever page a person opens could otherwise talk to the server on their machine: browsers
 * let any page open a WebSocket to 127.0.0.1. Pages of this machine are let in; with keys any page
 * that has one is.
 */
import type { IncomingHttpHeaders } from "node:http";

/** The headers that let a page read the answers; `undefined` = the page is refused with 403. */
export function allowOrigin(
  headers: IncomingHttpHeaders,
  needsKey: boolean,
): Readonly<Record<string, string>> | undefined {
  const { origin } = headers;
  if (origin === undefined) return {};
  if (!needsKey && !isLoopback(origin)) return undefined;
  return {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "x-everyword-ignored, retry-after",
    vary: "origin",
  };
}

export const FOREIGN_PAGE =
  "This server takes no requests from pages of other hosts; start it with keys to allow them.";

/** What a preflight is answered with, beside the headers above. */
export const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-methods": "GET, POST, DELETE",
  "access-control-allow-headers": "authorization, content-type, x-everyword-scenario",
  "access-control-max-age": "600",
};

/** A page served from this machine. `null` (files, sandboxes) could be anybody's. */
function isLoopback(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  return isLoopbackHost(new URL(origin).hostname);
}

/** Whether a host name or address means this machine alone. */
export function isLoopbackHost(host: string): boolean {
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "[::1]" ||
    host === "::1" ||
    /^127\.\d+\.\d+\.\d+$/u.test(host)
  );
}
