import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle, discard, kill, startProgram } from "../support/child-process.ts";
import { ask, jobPath, speechForm } from "../support/running.ts";

let directory = "";
let program = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "restart-"));
  program = await bundle("killable-server.ts");
});
afterAll(async () => {
  await discard(program);
  await rm(directory, { recursive: true, force: true });
});

async function submit(url: string, script: string): Promise<string> {
  const body = speechForm(script);
  const target = `${url}/v1/audio/transcriptions?endpoint_id=audio-turbo`;
  return jobPath(await ask(target, { method: "POST", body }));
}

async function completed(url: string): Promise<unknown> {
  for (let poll = 0; poll < 5000; poll++) {
    const { json } = await ask(url);
    if (json?.["status"] !== "processing") return json?.["body"] ?? json;
  }
  throw new Error("the job never ended");
}

async function runsIn(path: string): Promise<string[]> {
  return (await readFile(path, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 100_000; look++) if (await holds()) return;
  throw new Error("it never came to pass");
}

test("after kill -9 every accepted job completes, and none that had ended runs again", async () => {
  const dataDir = join(directory, "data");
  const runs = join(directory, "runs");
  const first = await startProgram(program, [dataDir, runs, "hang"]);
  const done = await submit(first.line, "done before");
  await completed(first.line + done);
  const cut = await submit(first.line, "slow one");
  const waiting = await submit(first.line, "next in line");
  await until(async () => (await runsIn(runs)).includes("slow one"));
  await kill(first.child, "SIGKILL");

  const second = await startProgram(program, [dataDir, runs, ""]);
  const texts: unknown[] = [];
  for (const path of [done, cut, waiting]) texts.push(await completed(second.line + path));
  await kill(second.child, "SIGTERM");
  expect(texts).toEqual(
    ["done before", "slow one", "next in line"].map((text) => JSON.stringify({ text })),
  );
  expect(await runsIn(runs)).toEqual(["done before", "slow one", "slow one", "next in line"]);
});
