import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import validator from "webvtt-parser";
import { readSrt } from "../../../src/captions/read.ts";
import { startTestServer, type RunningServer } from "../../../src/server/testing.ts";
import { everyword, startEveryword, temporaryFolder } from "../built.ts";
import { toneFile } from "../tones.ts";

let server: RunningServer;
const folder = temporaryFolder();
const talk = toneFile(folder, "talk.wav", "good morning | how are you | fine thanks");
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
const live = (...args: string[]) =>
  everyword(["live", ...args, "--pace", "max", "--server", server.url], { cwd: folder });

describe("everyword live", () => {
  it("prints every sentence as a line where there is no terminal", async () => {
    expect(await live(talk)).toEqual({
      code: 0,
      stdout: "good morning\nhow are you\nfine thanks\n",
      stderr: "",
    });
  });

  it("writes every format that is asked for", async () => {
    await live(talk, "--write", "a.srt", "--write", "a.vtt", "--write", "a.json");
    expect(readSrt(readFileSync(join(folder, "a.srt"), "utf8"))).toHaveLength(3);
    expect(JSON.parse(readFileSync(join(folder, "a.json"), "utf8"))).toMatchObject({
      segments: [{ text: " good morning" }, { text: " how are you" }, { text: " fine thanks" }],
    });
  });

  it("leaves caption files that are valid when it is killed", async () => {
    const long = toneFile(folder, "long.wav", "one two three | ".repeat(30));
    const files = ["--write", "k.srt", "--write", "k.vtt"];
    const child = startEveryword(["live", long, "--pace", "8", ...files, "--server", server.url], {
      cwd: folder,
    });
    let lines = 0;
    child.stdout.on("data", (text: Buffer) => {
      lines += text.toString().split("\n").length - 1;
      if (lines >= 3) child.kill("SIGKILL");
    });
    await once(child, "close");
    const vtt = readFileSync(join(folder, "k.vtt"), "utf8");
    expect(new validator.WebVTTParser().parse(vtt, "metadata").errors).toEqual([]);
    const cues = readSrt(readFileSync(join(folder, "k.srt"), "utf8"));
    // What was on the screen is in the file, but for the sentence that the kill met.
    expect(cues.length).toBeGreaterThanOrEqual(lines - 1);
  });

  it("keeps what was heard when the server goes away", async () => {
    const other = await startTestServer();
    const long = toneFile(folder, "gone.wav", "one two three | ".repeat(30));
    const args = ["live", long, "--pace", "8", "--write", "gone.json", "--server", other.url];
    const child = startEveryword(args, { cwd: folder });
    child.stdout.once("data", () => void other.close());
    const closed = once(child, "close");
    // Its patience with a server that is gone is two minutes; a second Ctrl-C would lose nothing but that.
    child.stderr.on("data", () => child.kill("SIGINT"));
    await closed;
    expect(readFileSync(join(folder, "gone.json"), "utf8")).toContain("one two three");
  });

  it("finishes what was heard after Ctrl-C", async () => {
    const long = toneFile(folder, "stop.wav", "one two three | ".repeat(30));
    const child = startEveryword(["live", long, "--pace", "4", "--server", server.url]);
    let stdout = "";
    let stderr = "";
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    child.stdout.on("data", (text: Buffer) => {
      if (stdout === "") child.kill("SIGINT");
      stdout += text.toString();
    });
    const [code] = (await once(child, "close")) as [number];
    expect([code, stdout.endsWith("\n")]).toEqual([130, true]);
    expect(stderr).toBe("everyword: finishing what was heard; once more stops at once\n");
  });

  it("says so when no words were recognized", async () => {
    const silence = new Uint8Array(16_000);
    const args = ["live", "-", "--input-format", "s16le", "--pace", "max", "--server", server.url];
    const said = await everyword(args, { input: silence });
    expect(said).toEqual({ code: 0, stdout: "", stderr: "everyword: no words were recognized\n" });
    const quiet = await everyword([...args, "--quiet"], { input: silence });
    expect(quiet).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("says how raw PCM is read", async () => {
    const args = ["live", "-", "--pace", "max", "--server", server.url];
    const { code, stderr } = await everyword(args, { input: new Uint8Array(16_000).fill(17) });
    expect([code, stderr]).toEqual([
      4,
      expect.stringContaining("raw PCM needs --input-format s16le --rate HZ"),
    ]);
  });

  it("says how audio is kept that is not in a file, when the server is gone for good", async () => {
    const nobody = ["--pace", "max", "--server", "http://127.0.0.1:9"];
    const piped = await everyword(["live", "-", ...nobody], { input: readFileSync(talk) });
    expect([piped.code, piped.stderr.trim().split("\n").at(-1)]).toEqual([
      5,
      expect.stringMatching(/; with --spill FILE the audio is kept, to be transcribed later\.$/u),
    ]);
    const file = await everyword(["live", talk, ...nobody]);
    expect([file.code, file.stderr]).toEqual([5, expect.not.stringContaining("--spill")]);
  });

  it("says that it listens only once there is sound", async () => {
    const bin = temporaryFolder();
    const path = `${bin}:${dirname(process.execPath)}`;
    const record = (recorder: string) => {
      for (const name of ["arecord", "sox"]) {
        writeFileSync(join(bin, name), `#!${process.execPath}\n${recorder}`, { mode: 0o755 });
      }
      return everyword(["live", "--mic", "--server", server.url], { env: { PATH: path } });
    };
    const listening = "everyword: listening; Ctrl-C ends the recording\n";
    const broken = await record("process.exit(1)");
    expect([broken.code, broken.stderr]).toEqual([4, expect.not.stringContaining(listening)]);
    const sound = await record("process.stdout.write(new Uint8Array(16_000))");
    expect([sound.code, sound.stderr]).toEqual([0, expect.stringContaining(listening)]);
  });

  it.each([
    [[], /one input/u],
    [["a.wav", "--mic"], /one input/u],
    [["a.wav", "--write", "a.srt", "--write", "./a.srt"], /named twice/u],
    [["a.wav", "--write", "a.doc"], /must end in/u],
    [["a.wav", "--channels", "split"], /is for everyword transcribe; here .* mixed/u],
    [["a.wav", "--write", "a.srt", "--preset", "whisper"], /another --preset/u],
  ])("refuses %j before anything is opened", async (args, message) => {
    expect(await live(...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });
});
