import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  closeCodeVerdict,
  DEFAULT_RETRY,
  retryAfterMs,
  retryDelayMs,
  statusVerdict,
} from "../src/retry.ts";

describe("retryDelayMs", () => {
  it("is never negative and never above its doubling, capped bound", () => {
    fc.assert(
      fc.property(
        fc.nat(2000),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (attempt, random) => {
          const delay = retryDelayMs(DEFAULT_RETRY, attempt, random);
          const bound = Math.min(8000, 500 * 2 ** Math.min(attempt, 30));
          return delay >= 0 && delay < Math.max(1, bound);
        },
      ),
    );
  });

  it("spreads over the whole bound", () => {
    expect([0, 0.5, 0.999].map((random) => retryDelayMs(DEFAULT_RETRY, 1, random))).toEqual([
      0, 500, 999,
    ]);
  });
});

describe("statuses (PROTOCOL §8.1)", () => {
  it.each([
    ["never", [400, 401, 402, 403, 404, 405, 412, 413]],
    ["retry", [408, 429, 502, 503, 504, 520]],
    ["retry-twice", [500]],
    ["ok", [200, 204]],
  ])("%s: %j", (verdict, statuses) => {
    expect(statuses.map(statusVerdict)).toEqual(statuses.map(() => verdict));
  });
});

describe("close codes", () => {
  it("are worth another dial unless they refuse", () => {
    expect([1000, 1001, 1005, 1006, 1011, 1012, 1013, 4999].map(closeCodeVerdict)).toEqual(
      Array(8).fill("retry"),
    );
    expect([1003, 1008, 4401].map(closeCodeVerdict)).toEqual(["never", "never", "never"]);
  });
});

describe("retryAfterMs", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  it.each([
    [{ "retry-after": "2" }, 2000],
    [{ "retry-after": "1.5" }, 1500],
    [{ "retry-after-ms": "250", "retry-after": "9" }, 250],
    [{ "retry-after": "Thu, 01 Jan 2026 00:00:05 GMT" }, 5000],
    [{ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" }, 0],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "-3" }, undefined],
    [{}, undefined],
  ])("reads %j as %s", (headers, expected) => {
    expect(retryAfterMs(headers, now)).toBe(expected);
  });
});
