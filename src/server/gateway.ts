/**
 * What stands before every route: the key (A1–A3, A18) and the refusals that a scenario asks for
 * (A4, A7, A9, A11–A13, A19). Pure: takes what a request says, gives the refusal or nothing.
 */
import type { IncomingHttpHeaders } from "node:http";
import { keyOfRequest } from "./auth.ts";
import type { Faults } from "./faults/faults.ts";
import { errorBody, type ErrorBody, type ErrorShape, HttpError } from "./http-error.ts";

/** An answer that ends the request before its route is asked. */
export interface Refusal {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Visitor {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
}

/** @param isKnown whether a key is let in; `undefined` = no list: any key, or none. */
export function refuse(
  visitor: Visitor,
  faults: Faults,
  isKnown: ((key: string) => boolean) | undefined,
): Refusal | undefined {
  return refuseKey(visitor, faults, isKnown) ?? refuseByScenario(faults);
}

function refuseKey(
  visitor: Visitor,
  faults: Faults,
  isKnown: ((key: string) => boolean) | undefined,
): Refusal | undefined {
  const shape = faults.variant("A2");
  const message =
    "The API key is missing or wrong; send it as `Authorization: KEY` or `Authorization: Bearer KEY`.";
  if (shape !== undefined) {
    return refusal(401, message, { shape: shape as ErrorShape });
  }
  if (!faults.has("A1")) return undefined;
  const key = keyOfRequest(visitor.headers, visitor.query, faults.has("A18"));
  if (isKnown === undefined) {
    return key === undefined && faults.asked("A1") ? refusal(401, message) : undefined;
  }
  return key !== undefined && isKnown(key) ? undefined : refusal(401, message);
}

function refuseByScenario(faults: Faults): Refusal | undefined {
  if (faults.has("A12")) {
    return {
      status: 503,
      body: { contentType: "text/plain", text: "no healthy upstream" },
      headers: {},
    };
  }
  if (faults.has("A13")) {
    const message = "The deployment is scaling up; try again.";
    return refusal(503, message, { shape: "2", code: "DEPLOYMENT_SCALING_UP" });
  }
  if (faults.has("A3")) return refusal(403, "This key may not do this.");
  const unpaid = faults.variant("A4");
  if (unpaid !== undefined) return refusal(Number(unpaid), "The account is not in order.");
  if (faults.has("A7")) return refusal(408, "The request took too long.");
  const limited = faults.get("A9");
  if (limited !== undefined) {
    const seconds = limited.variant === "plain" ? undefined : limited.number("seconds");
    return refusal(429, "Too many requests.", { headers: rateHeaders(seconds) });
  }
  const broken = faults.get("A11");
  if (broken !== undefined) return gatewayError(broken.number("status"), broken.variant);
  const flaky = faults.get("A19");
  if (flaky !== undefined && faults.number <= flaky.number("count")) {
    return refusal(flaky.number("status"), "This request fails, a later one succeeds.");
  }
  return undefined;
}

function gatewayError(status: number, variant: string): Refusal {
  if (variant === "json") return refusal(status, "The server failed.");
  if (variant === "html") return refusal(status, "", { shape: "5" });
  const plain = { contentType: "text/plain", text: "upstream error" };
  return { ...refusal(status, ""), body: plain };
}

/** The three rate headers of PROTOCOL §8.3 and, if given, `retry-after`. */
export function rateHeaders(retryAfterSeconds?: number): Record<string, string> {
  return {
    "x-ratelimit-limit-requests": "6000",
    "x-ratelimit-remaining-requests": "0",
    "x-ratelimit-over-limit": "yes",
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
  };
}

interface RefusalDetails {
  readonly shape?: ErrorShape;
  readonly code?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A status that HTTP does not have, as a scenario may ask for it, becomes 500. */
export function refusal(asked: number, message: string, details: RefusalDetails = {}): Refusal {
  const status = Number.isInteger(asked) && asked >= 200 && asked <= 599 ? asked : 500;
  return {
    status,
    body: errorBody(status, message, details.shape ?? "1", details.code),
    headers: details.headers ?? {},
  };
}

/** Anything thrown, as an answer: what is no HttpError is a 500 that tells nothing of the inside. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof HttpError) {
    return refusal(error.status, error.message, { code: error.code, headers: error.headers });
  }
  return refusal(500, "The server failed at this request; its log says more.");
}
