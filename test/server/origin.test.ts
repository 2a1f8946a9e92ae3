import { expect, test } from "vitest";
import { allowOrigin } from "../../src/server/origin.ts";
import { dial } from "./support/plain-client.ts";
import { ask, serverForEachTest } from "./support/running.ts";

const start = serverForEachTest();

test("without keys pages of this machine are let in and no others, with keys all", () => {
  const origins = [
    undefined,
    "http://localhost:3000",
    "https://app.localhost",
    "http://127.0.0.1:8080",
    "http://[::1]",
    "https://example.org",
    "http://localhost.example.org",
    "http://127.0.0.1.example.org",
    "null",
    "nonsense",
  ];
  const letIn = (needsKey: boolean): boolean[] =>
    origins.map(
      (origin) => allowOrigin(origin === undefined ? {} : { origin }, needsKey) !== undefined,
    );
  expect(letIn(false)).toEqual([true, true, true, true, true, false, false, false, false, false]);
  expect(letIn(true)).toEqual(origins.map(() => true));
});

test("a page of another host gets neither an answer nor a stream, and can read neither", async () => {
  const { url } = await start();
  const headers = { origin: "https://example.org" };
  const answer = await ask(`${url}/v1/models`, { headers });
  const stream = await dial(url, { headers }).catch((error: { status: number }) => error.status);
  expect([answer.status, answer.headers.get("access-control-allow-origin"), stream]).toEqual([
    403,
    null,
    403,
  ]);
});

test("a page of this machine may ask first, and reads the answer", async () => {
  const { url } = await start();
  const origin = "http://localhost:3000";
  const before = await ask(`${url}/v1/audio/transcriptions`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization",
    },
  });
  const answer = await ask(`${url}/v1/models`, { headers: { origin } });
  expect([before.status, before.headers.get("access-control-allow-headers")]).toEqual([
    204,
    expect.stringContaining("authorization"),
  ]);
  expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
});
