import { expect, test } from "vitest";
import { HttpFault } from "../../../src/batch/core/fault.ts";
import {
  type Asked,
  type HttpAnswer,
  judgeAnswer,
  judgeFault,
} from "../../../src/batch/core/verdict.ts";

const ASKED: Asked = {
  host: "h",
  route: "create",
  subject: "talk.wav",
  nowMs: Date.parse("2026-01-01T00:00:00Z"),
  hostWorked: false,
};

function answer(status: number, text = "", headers: HttpAnswer["headers"] = {}): HttpAnswer {
  return { status, headers, text, bodySent: true };
}

test("PROTOCOL §8.1: every status has one code and one verdict", () => {
  const judged = [
    200, 302, 400, 401, 402, 403, 404, 405, 408, 412, 413, 415, 418, 425, 429, 500, 501, 502, 503,
    504, 520,
  ].map((status) => {
    const failure = judgeAnswer(answer(status, "model"), ASKED);
    return `${status} ${failure?.error.code ?? "ok"} ${failure?.retry ?? ""}`.trim();
  });
  expect(judged).toEqual([
    "200 ok",
    "302 protocol never",
    "400 unsupported never",
    "401 key-refused never",
    "402 quota never",
    "403 key-refused never",
    "404 unsupported never",
    "405 protocol never",
    "408 timed-out retry",
    "412 quota never",
    "413 unsupported never",
    "415 unsupported never",
    "418 protocol never",
    "425 protocol retry",
    "429 quota retry",
    "500 server retry-twice",
    "501 server retry-twice",
    "502 server retry",
    "503 server retry",
    "504 server retry",
    "520 server retry",
  ]);
});

test("PROTOCOL §1.2: withdrawn is told from what looks like it", () => {
  const seen = [
    judgeAnswer(answer(404, "<h1>nothing</h1>"), ASKED),
    judgeAnswer(answer(404, '{"error":{"message":"model x not found"}}'), ASKED),
    judgeAnswer(answer(404, "nothing"), { ...ASKED, route: "status" }),
    judgeAnswer(answer(503, "no healthy upstream"), { ...ASKED, route: "status" }),
    judgeAnswer(answer(503, '{"error":"no healthy upstream"}'), ASKED),
    judgeAnswer(answer(503, '{"error":{"code":"DEPLOYMENT_SCALING_UP"}}'), ASKED),
    judgeFault(new HttpFault("host-not-found", "resolve", false, "no such host"), ASKED),
    judgeFault(new HttpFault("host-not-found", "resolve", false, "x"), {
      ...ASKED,
      hostWorked: true,
    }),
    judgeFault(new HttpFault("tls-refused", "secure", false, "alert"), ASKED),
    judgeFault(new HttpFault("broken", "upload", false, "BAD_RECORD_MAC"), ASKED),
  ].map((failure) => `${failure?.error.code} ${failure?.retry}`);
  expect(seen).toEqual([
    "service-withdrawn never",
    "unsupported never",
    "unsupported never",
    "service-withdrawn never",
    "server retry",
    "server retry",
    "service-withdrawn never",
    "network retry",
    "service-withdrawn never",
    "network retry",
  ]);
});

test("PROTOCOL §7.2: what may have been accepted is told from what surely was not", () => {
  expect([
    ...[400, 408, 429, 500, 502, 503, 504, 520].map(
      (status) => judgeAnswer(answer(status, "model"), ASKED)?.maybeAccepted,
    ),
    judgeAnswer({ ...answer(502), bodySent: false }, ASKED)?.maybeAccepted,
    judgeFault(new HttpFault("broken", "upload", false, "reset"), ASKED).maybeAccepted,
    judgeFault(new HttpFault("broken", "answer", true, "reset"), ASKED).maybeAccepted,
    judgeFault(new HttpFault("timed-out", "answer", true, "late"), ASKED).maybeAccepted,
  ]).toEqual([false, false, false, true, true, false, true, true, false, false, true, true]);
});

test("Retry-After in every form is handed on", () => {
  const waits = [
    { "retry-after": "2" },
    { "retry-after-ms": "250" },
    { "retry-after": "Thu, 01 Jan 2026 00:00:05 GMT" },
    {},
  ].map((headers) => judgeAnswer(answer(429, "", headers), ASKED)?.retryAfterMs);
  expect(waits).toEqual([2000, 250, 5000, undefined]);
});
