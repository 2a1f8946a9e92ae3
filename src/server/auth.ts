/** Who asks: every form of the key (PROTOCOL §3, A1, A18). */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/**
 * The key of a request: the header `Authorization`, raw or `Bearer`; else the query parameter of
 * that name in any letter case. `undefined` when there is none.
 *
 * @param anyForm false = only the raw header (A18 off).
 */
export function keyOfRequest(
  headers: IncomingHttpHeaders,
  query: URLSearchParams,
  anyForm = true,
): string | undefined {
  const header = headers.authorization?.trim();
  if (!anyForm) return header === "" ? undefined : header;
  if (header !== undefined && header !== "") return withoutScheme(header);
  for (const [name, value] of query) {
    if (name.toLowerCase() === "authorization" && value.trim() !== "") {
      return withoutScheme(value.trim());
    }
  }
  return undefined;
}

function withoutScheme(value: string): string | undefined {
  const key = /^bearer(\s+|$)/iu.test(value) ? value.slice(6).trim() : value;
  return key === "" ? undefined : key;
}

/** Answers whether a key is one of the list, in a time that does not tell how much of it was right. */
export function createKeyCheck(keys: readonly string[]): (key: string) => boolean {
  const digests = keys.map(digest);
  return (key) => {
    const asked = digest(key);
    let found = false;
    for (const known of digests) found = timingSafeEqual(known, asked) || found;
    return found;
  };
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** A short name of a key for jobs on disk; the key cannot be had back from it. */
export function accountOf(key: string | undefined): string {
  return key === undefined ? "local" : `acct-${digest(key).toString("hex").slice(0, 16)}`;
}
