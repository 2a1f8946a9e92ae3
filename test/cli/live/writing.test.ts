/** `--write FILE`: what is there stays until the talk begins, and grows to its end whoever reads the output. */
import { once } from "node:events";
import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readSrt } from "../../../src/captions/read.ts";
import { startTestServer, type RunningServer } from "../../../src/server/testing.ts";
import { everyword, startEveryword, temporaryFolder } from "../built.ts";
import { toneFile } from "../tones.ts";

const OLD = "1\n00:00:01,000 --> 00:00:02,000\nof last week\n";
let server: RunningServer;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  folder = temporaryFolder();
  toneFile(folder, "talk.wav", "one two three | ".repeat(10));
  writeFileSync(join(folder, "old.srt"), OLD);
});
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const live = (...args: string[]) => everyword(["live", ...args], { cwd: folder });

describe("a file that is there", () => {
  it.each([
    ["no server", ["talk.wav", "--server", "http://127.0.0.1:9"]],
    ["a spill file that cannot be", ["talk.wav", "--spill", "none/talk.spill"]],
    ["no session to resume", ["talk.wav", "--resume", "none.spill"]],
    ["no input", ["none.wav"]],
    ["a folder that is not there", ["talk.wav", "--write", "none/new.srt"]],
    ["a folder in place of a file", ["talk.wav", "--write", "folder.srt"]],
  ])("is left as it is with %s", async (_, args) => {
    mkdirSync(join(folder, "folder.srt"));
    const files = ["--write", "old.srt", "--write", "new.srt"];
    const where = args.includes("--server") ? [] : ["--server", server.url];
    const { code } = await live(...args, ...files, ...where, "--pace", "max");
    expect(code).not.toBe(0);
    expect([read("old.srt"), existsSync(join(folder, "new.srt"))]).toEqual([OLD, false]);
  });

  it("is replaced when the talk begins", async () => {
    await live("talk.wav", "--write", "old.srt", "--server", server.url, "--pace", "max");
    expect(read("old.srt")).not.toContain("of last week");
    expect(readSrt(read("old.srt")).length).toBeGreaterThan(5);
  });
});

it("goes on to the end when the reader of stdout is gone", async () => {
  const args = ["live", "talk.wav", "--write", "talk.srt", "--pace", "8", "--server", server.url];
  const child = startEveryword(args, { cwd: folder });
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  child.stdout.once("data", () => child.stdout.destroy());
  const [code] = (await once(child, "close")) as [number];
  expect([code, stderr]).toEqual([
    0,
    "everyword: nobody reads the output any more; the files are written on\n",
  ]);
  expect(read("talk.srt").match(/one two three/gu)).toHaveLength(10);
});

it.each([
  ["a symbolic link", symlinkSync],
  ["a hard link", linkSync],
])("refuses %s to the recording", async (_, link) => {
  link(join(folder, "talk.wav"), join(folder, "alias.srt"));
  const before = readFileSync(join(folder, "talk.wav"));
  const said = await live("talk.wav", "--write", "alias.srt", "--server", server.url);
  expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining("are one file") });
  expect(readFileSync(join(folder, "talk.wav")).equals(before)).toBe(true);
});

it("refuses two names of one file that is still to be made", async () => {
  symlinkSync(folder, join(folder, "here"));
  const files = ["--write", "new.srt", "--write", "here/new.srt"];
  const said = await live("talk.wav", ...files, "--server", server.url);
  expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining("are one file") });
});

it("refuses captions behind JSON lines, for both want standard output", async () => {
  const said = await live("talk.wav", "--jsonl", "--captions", "srt", "--server", server.url);
  expect(said).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("--jsonl and --captions both want standard output"),
  });
});

it("says what is wrong with an empty name", async () => {
  const said = await live("", "--server", server.url);
  expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining("the empty name") });
});
