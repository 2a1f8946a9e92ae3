import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { startTestServer, type RunningServer } from "../../../src/server/testing.ts";
import { everyword, temporaryFolder } from "../built.ts";
import { toneFile } from "../tones.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

function folderWith(...names: string[]): string {
  const folder = temporaryFolder();
  for (const name of names) toneFile(folder, name, "good morning | how are you");
  return folder;
}
const transcribe = (cwd: string, ...args: string[]) =>
  everyword(["transcribe", ...args, "--server", server.url], { cwd });

interface Line {
  readonly type: string;
  readonly [key: string]: unknown;
}
const linesOf = (text: string): Line[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

describe("everyword transcribe", () => {
  it.each(["sync", "stream"])("prints the text of one file by the %s route", async (via) => {
    const ran = await transcribe(folderWith("a.wav"), "a.wav", "--via", via);
    expect({ ...ran, stdout: ran.stdout.replaceAll("\n", " ").trim() }).toMatchObject({
      code: 0,
      stdout: "good morning how are you",
      stderr: expect.stringMatching(/^everyword: a\.wav: 0:\d\d of audio in [\d.]+ s\n$/u),
    });
  });

  it("writes every format of every input, and names the one that failed", async () => {
    const cwd = folderWith("a.wav", "b.wav");
    const ran = await transcribe(cwd, "*.wav", "gone.wav", "-f", "all", "--output_dir", "out");
    expect(ran.code).toBe(1);
    expect(readdirSync(join(cwd, "out"))).toEqual(
      ["a", "b"].flatMap((stem) => ["json", "srt", "tsv", "txt", "vtt"].map((e) => `${stem}.${e}`)),
    );
    expect(ran.stderr).toMatch(
      /gone\.wav: .*no such file.*\n[^]*gone\.wav +FAILED[^]*2 of 3 done, 1 failed/u,
    );
  });

  it("stops at the first failure with --fail-fast, and says what was not begun", async () => {
    const ran = await transcribe(folderWith("a.wav"), "gone.wav", "a.wav", "--fail-fast");
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("1 not begun");
  });

  it("leaves out what is done, does again what is stale, and keeps what is somebody else's", async () => {
    const cwd = folderWith("a.wav", "b.wav");
    writeFileSync(join(cwd, "b.srt"), "mine");
    const again = ["*.wav", "-f", "srt", "--skip-existing"];
    const first = await transcribe(cwd, ...again);
    const second = await transcribe(cwd, ...again);
    toneFile(cwd, "a.wav", "something else");
    const third = await transcribe(cwd, ...again);
    const fourth = await transcribe(cwd, ...again, "--language", "en");
    expect(
      [first, second, third, fourth].map(({ stderr }) => /\d of 2 done/u.exec(stderr)?.[0]),
    ).toEqual(["1 of 2 done", "0 of 2 done", "1 of 2 done", "1 of 2 done"]);
    expect(readFileSync(join(cwd, "a.srt"), "utf8")).toContain("something else");
    expect(readFileSync(join(cwd, "b.srt"), "utf8")).toBe("mine");
  });

  it("cuts a clip out and keeps the input's times, on both routes", async () => {
    const cwd = folderWith("a.wav");
    const clip = ["a.wav", "--jsonl", "--start", "0:02"];
    const texts = await Promise.all(
      ["sync", "stream"].map(async (via) => {
        const lines = linesOf((await transcribe(cwd, ...clip, "--via", via)).stdout);
        const segments = lines.filter(({ type }) => type === "segment");
        return [segments.map(({ text }) => text).join(" "), Number(segments[0]?.["start"]) > 2];
      }),
    );
    expect(texts).toEqual([
      ["how are you", true],
      ["how are you", true],
    ]);
  });

  it("tells programs everything in JSON lines", async () => {
    const cwd = folderWith("a.wav");
    const ran = await transcribe(cwd, "a.wav", "gone.wav", "--jsonl", "-f", "srt");
    const lines = linesOf(ran.stdout);
    const kinds = lines.map(({ type }) => type).filter((type) => type !== "progress");
    expect(kinds).toEqual(
      expect.arrayContaining(["file_start", "segment", "file_done", "error", "summary"]),
    );
    expect(lines.find(({ type }) => type === "error")).toMatchObject({
      file: "gone.wav",
      code: "input-unreadable",
    });
    expect(lines.at(-1)).toMatchObject({ type: "summary", files: 2, done: 1, failed: 1 });
    expect(ran.stderr).toBe("");
  });

  it("takes standard input, and raw PCM with its format", async () => {
    const cwd = folderWith("a.wav");
    const wav = readFileSync(join(cwd, "a.wav"));
    const raw = ["--input-format", "s16le", "--rate", "16000", "--channels", "1"];
    const runs = await Promise.all([
      everyword(["transcribe", "-", "--server", server.url], { input: wav }),
      everyword(["transcribe", "-", ...raw, "--server", server.url], { input: wav.subarray(44) }),
    ]);
    expect(runs.map(({ stdout }) => stdout.replaceAll("\n", " ").trim())).toEqual([
      "good morning how are you",
      "good morning how are you",
    ]);
  });

  it("accepts what only a local whisper knows, says so once, and goes on", async () => {
    const cwd = folderWith("a.wav");
    const args = ["a.wav", "--beam_size", "5", "--fp16", "False", "--word_timestamps", "True"];
    const ran = await transcribe(cwd, ...args);
    expect(ran.code).toBe(0);
    expect(ran.stderr.match(/ignored/gu)).toHaveLength(1);
    expect(ran.stderr).toContain("--beam-size, --fp16");
  });

  it("says nothing with -q but what failed", async () => {
    const ran = await transcribe(folderWith("a.wav"), "a.wav", "gone.wav", "-q");
    expect(ran.stderr).toMatch(/^everyword: gone\.wav: [^\n]+\n$/u);
  });

  it("searches folders only when told to", async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, "calls", "may"), { recursive: true });
    toneFile(join(cwd, "calls", "may"), "one.wav", "hello");
    expect((await transcribe(cwd, "calls")).code).toBe(2);
    expect((await transcribe(cwd, "-r", "calls")).stdout.trim()).toBe("hello");
  });
});

describe("everyword transcribe ADDRESS", () => {
  let web: Server;
  let base: string;
  beforeAll(async () => {
    const folder = folderWith("talk.wav");
    web = createServer((request, response) => {
      if (request.url?.startsWith("/talk.wav") === true) {
        response.end(readFileSync(join(folder, "talk.wav")));
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => {
      web.listen(0, "127.0.0.1", resolve);
    });
    base = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  });
  afterAll(() => web.close());

  it("fetches the audio and names the result for it", async () => {
    const cwd = temporaryFolder();
    expect((await transcribe(cwd, `${base}/talk.wav?token=1`, "-f", "srt")).code).toBe(0);
    expect(readdirSync(cwd)).toEqual(["talk.srt"]);
  });

  it("says what the address answered", async () => {
    const ran = await transcribe(temporaryFolder(), `${base}/gone.wav`);
    expect(ran).toMatchObject({ code: 4, stderr: expect.stringContaining("answers 404") });
  });
});
