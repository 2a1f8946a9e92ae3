import { expect, test } from "vitest";
import type { HttpAnswer } from "../../src/batch/core/verdict.ts";
import { waitForJob } from "../../src/batch/submit-job.ts";
import type { GetRequest, HttpPort } from "../../src/batch/http-port.ts";
import { LimitedHttp } from "../../src/batch/limited-http.ts";
import { RateLimiter } from "../../src/batch/core/limiter.ts";
import { DEFAULT_LIMITS } from "../../src/batch/http-port.ts";
import { serverService } from "../../src/service.ts";
import { seeded } from "./random.ts";
import { VirtualClock } from "./virtual-clock.ts";

const JOB = {
  batchId: "b/1",
  accountId: "a b",
  endpointId: "e",
  path: "talk.wav",
  task: "transcribe",
  submittedMs: 0,
} as const;

/** Answers by script; the last answer is repeated. */
class Scripted implements HttpPort {
  readonly asked: { readonly url: string; readonly signal: AbortSignal | undefined }[] = [];
  readonly #answers: readonly (HttpAnswer | "never")[];

  constructor(answers: readonly (HttpAnswer | "never")[]) {
    this.#answers = answers;
  }

  hostWorked(): boolean {
    return true;
  }

  get(request: GetRequest): Promise<HttpAnswer> {
    this.asked.push({ url: request.url, signal: request.signal });
    const reply = this.#answers[Math.min(this.asked.length, this.#answers.length) - 1] ?? "never";
    if (reply !== "never") return Promise.resolve(reply);
    return new Promise((_resolve, reject) => {
      request.signal?.addEventListener("abort", () => reject(request.signal?.reason));
    });
  }

  upload(): Promise<HttpAnswer> {
    return Promise.resolve({ status: 200, headers: {}, text: "{}", bodySent: true });
  }
}

function answer(status: number, value: unknown): HttpAnswer {
  return { status, headers: {}, text: JSON.stringify(value), bodySent: true };
}

function wait(http: HttpPort, signal?: AbortSignal): ReturnType<typeof waitForJob> {
  const clock = new VirtualClock(seeded(1));
  return waitForJob(JOB, { service: serverService("http://h/v1"), http, clock, signal });
}

test("the ids are written into the path, and every kind of answer leads to the result", async () => {
  const http = new Scripted([
    answer(404, { error: "no such job" }),
    answer(503, { error: "busy" }),
    answer(200, { status: "QUEUED" }),
    answer(200, { status: "something new" }),
    answer(200, { status: "Completed", body: { text: "hello", segments: [] } }),
  ]);
  const result = await wait(http);
  expect([result.text, http.asked.length, http.asked[0]?.url]).toEqual([
    "hello",
    5,
    "http://h/v1/accounts/a%20b/batch_job/b%2F1",
  ]);
});

test.each([
  [
    "B8: an error in a completed body",
    { status: "completed", body: '{"error":{"message":"boom"}}' },
    /boom/u,
  ],
  ["B9: an error status", { status: "error", error: "worker died" }, /worker died/u],
  ["B9: a status without a reason", { status: "EXPIRED" }, /no reason given/u],
])("%s is the job's error", async (_name, reply, message) => {
  const error = await wait(new Scripted([answer(200, reply)])).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "server", message: expect.stringMatching(message) });
});

test.each([
  [
    "B8: a refusal in a completed body",
    {
      status: "completed",
      body: '{"error":{"type":"invalid_request_error","code":"bad_audio","message":"no audio"}}',
    },
    { code: "input-unreadable" },
  ],
  [
    "B9: a refusal by its type",
    { status: "failed", error: { type: "invalid_request_error", message: "cannot decode it" } },
    { code: "input-unreadable" },
  ],
  [
    "B9: a refusal by its status, as JSON in the message",
    { status: "error", message: '{"code":422,"message":"temperature is out of range"}' },
    { code: "unsupported" },
  ],
  [
    "B9: a refusal by its status beside it",
    { status: "failed", code: 400 },
    { code: "unsupported" },
  ],
  [
    "B9: a refused key",
    { status: "failed", error: { status: "401", type: "invalid_request_error", message: "no" } },
    { code: "key-refused" },
  ],
])("%s is told as what it is, and nobody is told to submit it again", async (_, reply, error) => {
  const thrown = await wait(new Scripted([answer(200, reply)])).catch((caught: unknown) => caught);
  expect(thrown).toMatchObject(error);
  expect((thrown as Error).message).not.toMatch(/submit it again/u);
});

test.each([
  ["a server error", { type: "invalid_request_error", status: 500, message: "bad file" }],
  ["a limit", { code: 429, message: "too many" }],
  ["mere words", "the file was bad"],
])("B9: %s is the service's failure, worth another submit", async (_, error) => {
  const http = new Scripted([answer(200, { status: "failed", error })]);
  expect(await wait(http).catch((caught: unknown) => caught)).toMatchObject({
    code: "server",
    message: expect.stringMatching(/submit it again\.$/u),
  });
});

test("B14: a job that is forgotten is said to be", async () => {
  const error = await wait(new Scripted([answer(404, {})])).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "server", status: 404 });
});

test("B13: the deadline is an error that says the job goes on", async () => {
  const http = new Scripted([answer(200, { status: "processing" })]);
  const error = await wait(http).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: "timed-out",
    message: expect.stringContaining("after 86400 s (processing); it goes on"),
  });
});

test("an abort while a question is on its way ends the question too", async () => {
  const http = new Scripted(["never"]);
  const control = new AbortController();
  const waiting = wait(http, control.signal).catch((caught: unknown) => caught);
  while (http.asked.length === 0) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  const reason = new Error("enough");
  control.abort(reason);
  expect([await waiting, http.asked[0]?.signal?.aborted]).toEqual([reason, true]);
});

test("questions do not wait behind an upload that waits for its share of audio", async () => {
  const clock = new VirtualClock(seeded(1));
  const inner = new Scripted([answer(200, {})]);
  const limiter = new RateLimiter({ requestsPerMinute: 100, audioMinutesPerMinute: 10 });
  const http = new LimitedHttp(inner, limiter, clock, () => Promise.resolve(8));
  const get = { url: "http://h/", headers: {}, limits: DEFAULT_LIMITS };
  const none = new Uint8Array(0);
  const file = { head: none, tail: none, path: "a", fileBytes: 1, fileOffset: 0, fileSizeBytes: 1 };
  const order: string[] = [];
  await http.upload({ ...get, ...file });
  await Promise.all([
    http.upload({ ...get, ...file }).then(() => order.push(`upload ${clock.nowMs()}`)),
    http.get(get).then(() => order.push(`get ${clock.nowMs()}`)),
  ]);
  expect(order).toEqual(["get 0", "upload 60000"]);
});
