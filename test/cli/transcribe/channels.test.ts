/** `--channels split`: each channel is a speaker of its own. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  renderWords,
  speakTones,
  startTestServer,
  wavBytes,
  type RunningServer,
} from "../../../src/server/testing.ts";
import { everyword, temporaryFolder } from "../built.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** A call: left asks, right answers when left is done. */
function callFile(folder: string): string {
  const left = speakTones("good morning | bye");
  const right = speakTones("hello there", { leadSeconds: 1.5 });
  const length = Math.max(left.samples.length, right.samples.length) + 16_000;
  const sides = [left, right].map(({ words }) => renderWords(words, length));
  const both = new Int16Array(2 * length);
  for (let frame = 0; frame < length; frame++) {
    for (const [side, samples] of sides.entries()) both[2 * frame + side] = samples[frame] ?? 0;
  }
  const wav = wavBytes(both);
  const header = new DataView(wav.buffer, wav.byteOffset, 44);
  // Two channels: frames of four bytes.
  header.setUint16(22, 2, true);
  header.setUint32(28, 64_000, true);
  header.setUint16(32, 4, true);
  writeFileSync(join(folder, "call.wav"), wav);
  return "call.wav";
}

const split = (cwd: string, ...args: string[]) =>
  everyword(["transcribe", callFile(cwd), "--channels", "split", ...args], { cwd });

describe("everyword transcribe --channels split", () => {
  it.each(["sync", "stream"])("says who speaks, in the order of the call, by %s", async (via) => {
    const cwd = temporaryFolder();
    const ran = await split(cwd, "--via", via, "--server", server.url, "-f", "txt,json");
    expect(ran.code).toBe(0);
    expect(readFileSync(join(cwd, "call.txt"), "utf8")).toBe(
      "channel 1: good morning\nchannel 2: hello there\nchannel 1: bye\n",
    );
    const { segments } = JSON.parse(readFileSync(join(cwd, "call.json"), "utf8")) as {
      segments: { speaker: string; words: { speaker: string }[] }[];
    };
    expect(segments.map(({ speaker }) => speaker)).toEqual(["channel 1", "channel 2", "channel 1"]);
  });

  it.each(["sync", "stream"])("tells programs the speaker of each segment, by %s", async (via) => {
    const ran = await split(temporaryFolder(), "--via", via, "--server", server.url, "--jsonl");
    const lines = ran.stdout.trim().split("\n");
    const segments = lines
      .map((line) => JSON.parse(line) as { type: string; text: string; speaker: string })
      .filter(({ type }) => type === "segment");
    expect(new Set(segments.map(({ speaker, text }) => `${speaker}: ${text}`))).toEqual(
      new Set(["channel 1: good morning", "channel 2: hello there", "channel 1: bye"]),
    );
  });

  it("hears both at once where channels are mixed, which tells why it is there", async () => {
    const cwd = temporaryFolder();
    const ran = await everyword(["transcribe", callFile(cwd), "--server", server.url], { cwd });
    expect(ran).toMatchObject({ code: 0, stdout: expect.not.stringContaining("channel") });
  });

  it("puts the speakers into captions", async () => {
    const ran = await split(temporaryFolder(), "--server", server.url, "-f", "vtt", "-o", "-");
    const voices = ran.stdout.split("\n").filter((line) => line.startsWith("<v "));
    expect(voices).toEqual([
      "<v channel 1>good morning",
      "<v channel 2>hello there",
      "<v channel 1>bye",
    ]);
  });
});
