import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type RunningServer } from "../../src/server/testing.ts";
import { everyword, temporaryFolder } from "./built.ts";
import { toneFile } from "./tones.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

it("fetches a lost result again where a server is named, else says how, and cancel gives it up", async () => {
  const cwd = temporaryFolder();
  toneFile(cwd, "talk.wav", "lost and found");
  const ledger = join(cwd, "jobs");
  const here = (...args: string[]) => everyword([...args, "--ledger", ledger], { cwd });
  const there = (...args: string[]) => here(...args, "--server", server.url);
  const lose = (): void => rmSync(join(ledger, "results"), { recursive: true });
  await there("transcribe", "--batch", "-q", "talk.wav");

  lose();
  const alone = await here("batch", "result", "talk.wav");
  const fetched = await there("batch", "result", "talk.wav");
  const kept = await here("batch", "result", "talk.wav");
  lose();
  const waited = await there("batch", "wait", "talk.wav", "-q");
  lose();
  const cancelled = await here("batch", "cancel", "talk.wav");

  expect(alone).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/is missing or damaged; everyword batch wait \w{12} fetches/u),
  });
  const text = { code: 0, stdout: "lost and found\n", stderr: "" };
  expect([fetched, kept, waited]).toEqual([text, text, text]);
  expect(cancelled).toMatchObject({ code: 0, stderr: expect.stringContaining("is cancelled") });
});
