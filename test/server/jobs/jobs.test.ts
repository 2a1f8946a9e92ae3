import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer } from "../../../src/server/server.ts";
import { createToneRecognizer } from "../../../src/server/tones.ts";
import {
  ask,
  jobPath,
  type Answer,
  type Fields,
  serverForEachTest,
  speechForm,
} from "../support/running.ts";

const start = serverForEachTest();
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "jobs-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function submit(url: string, script: string, fields: Fields = [], init: RequestInit = {}) {
  const path = "/v1/audio/transcriptions?endpoint_id=audio-prod";
  return ask(url + path, { method: "POST", body: speechForm(script, fields), ...init });
}

function anyForm(): RequestInit {
  return { method: "POST", body: speechForm("x") };
}

/** Polls until the job is not in the works; all statuses on the way, and the last answer. */
async function follow(
  url: string,
  init: RequestInit = {},
): Promise<{ seen: unknown[]; last: Answer }> {
  const seen: unknown[] = [];
  for (let poll = 0; poll < 2000; poll++) {
    const last = await ask(url, init);
    seen.push(last.json?.["status"] ?? last.status);
    if (last.json?.["status"] !== "processing") return { seen, last };
  }
  throw new Error("the job never ended");
}

test("a submitted job is processed for two polls at least, then completed with its body as a string (B1, B5, B6, B7)", async () => {
  const { url } = await start();
  const submitted = await submit(url, "in its own time");
  expect([submitted.status, submitted.json]).toEqual([
    200,
    {
      status: "submitted",
      batch_id: expect.any(String) as string,
      account_id: "local",
      endpoint_id: "audio-prod",
      message: "Request submitted successfully",
    },
  ]);
  const { seen, last } = await follow(url + jobPath(submitted));
  expect(seen.slice(0, 2)).toEqual(["processing", "processing"]);
  expect(last.json).toEqual({
    status: "completed",
    batch_id: submitted.json!["batch_id"],
    message: null,
    content_type: "application/json",
    body: JSON.stringify({ text: "in its own time" }),
  });
});

test("a body in a text format has its content type (B7)", async () => {
  const { url } = await start();
  const submitted = await submit(url, "plain", [["response_format", "text"]]);
  const { last } = await follow(url + jobPath(submitted));
  expect([last.json!["content_type"], last.json!["body"]]).toEqual([
    "text/plain; charset=utf-8",
    "plain\n",
  ]);
});

test("a wrong endpoint, path or form is refused at submit (B2, B3, B4)", async () => {
  const { url } = await start();
  const answers = [
    await ask(`${url}/v1/audio/transcriptions?endpoint_id=audio-moon`, anyForm()),
    await ask(`${url}/batch/v1/audio/transcriptions`, anyForm()),
    await ask(`${url}/v1/audio/poems?endpoint_id=audio-prod`, anyForm()),
    await submit(url, "x", [["language", "klingon"]]),
  ];
  expect(answers.map((answer) => answer.status)).toEqual([400, 400, 404, 400]);
});

test("a job is seen by its own account only (B10)", async () => {
  const { url } = await start({ keys: ["fw_one", "fw_two"] });
  const one = { headers: { authorization: "fw_one" } };
  const two = { headers: { authorization: "Bearer fw_two" } };
  const submitted = await submit(url, "mine", [], one);
  const path = url + jobPath(submitted);
  const unknown = path.replace(/[^/]+$/u, "no-such-job");
  expect((await follow(path, one)).last.json!["status"]).toBe("completed");
  expect([(await ask(path, two)).status, (await ask(unknown, one)).status]).toEqual([404, 404]);
  expect(path).not.toContain("fw_one");
});

test("a file that is no audio ends as a failed job that says why", async () => {
  const { url } = await start();
  const form = new FormData();
  form.append("file", new Blob(["no audio at all"]), "notes.xyz");
  const submitted = await submit(url, "", [], { body: form });
  const { last } = await follow(url + jobPath(submitted));
  expect(last.json).toMatchObject({
    status: "failed",
    message: expect.stringContaining("notes.xyz") as string,
    error: { type: "invalid_request_error", code: "input-unreadable" },
  });
});

test("an ended job can be deleted and leaves nothing behind; one past retention goes by itself", async () => {
  const dataDir = join(directory, "retention");
  const first = await start({ dataDir });
  const kept = await submit(first.url, "kept for a while");
  const deleted = await submit(first.url, "deleted");
  await follow(first.url + jobPath(kept));
  await follow(first.url + jobPath(deleted));
  const gone = await ask(first.url + jobPath(deleted), { method: "DELETE" });
  expect([gone.status, (await ask(first.url + jobPath(deleted))).status]).toEqual([200, 404]);
  expect(await readdir(join(dataDir, "jobs"))).toEqual([kept.json!["batch_id"]]);
  await first.close();
  await start({ dataDir, retentionMs: 1 });
  expect(await readdir(join(dataDir, "jobs"))).toEqual([]);
});

test("two servers cannot share a data directory", async () => {
  const dataDir = join(directory, "shared");
  await start({ dataDir });
  const second = startServer({ recognizer: createToneRecognizer(), dataDir });
  await expect(second).rejects.toThrow(/Another server uses the data directory/u);
});

test("one job above the limit is answered 429", async () => {
  const { url } = await start({ maxJobs: 1 });
  await submit(url, "first");
  expect((await submit(url, "second")).status).toBe(429);
});
