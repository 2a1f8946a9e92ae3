/** The files of `transcribe`: they are written whoever reads the lines, and never over an input. */
import { once } from "node:events";
import { copyFileSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type RunningServer } from "../../../src/server/testing.ts";
import { everyword, startEveryword, temporaryFolder } from "../built.ts";
import { toneFile } from "../tones.ts";

const NAMES = ["a", "b", "c", "d", "e", "f"];
let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

it("writes all files when the reader of the JSON lines is gone", async () => {
  const cwd = temporaryFolder();
  for (const name of NAMES) toneFile(cwd, `${name}.wav`, "one two");
  const inputs = NAMES.map((name) => `${name}.wav`);
  const options = ["--jsonl", "-o", "out", "-f", "txt", "--jobs", "1", "--server", server.url];
  const child = startEveryword(["transcribe", ...inputs, ...options], { cwd });
  child.stdout.once("data", () => child.stdout.destroy());
  const [code] = (await once(child, "close")) as [number];
  const written = NAMES.filter((name) => existsSync(join(cwd, "out", `${name}.txt`)));
  expect([code, written]).toEqual([0, NAMES]);
});

it("refuses an output that is an input under another name", async () => {
  const cwd = temporaryFolder();
  const path = toneFile(cwd, "talk.wav", "one two");
  copyFileSync(path, join(cwd, "link.srt"));
  symlinkSync("link.srt", join(cwd, "link.wav"));
  const args = ["transcribe", "link.wav", "-f", "srt", "-o", ".", "--server", server.url];
  const { code, stderr } = await everyword(args, { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining("is an input and would be")]);
  expect(readFileSync(join(cwd, "link.srt")).equals(readFileSync(path))).toBe(true);
});
