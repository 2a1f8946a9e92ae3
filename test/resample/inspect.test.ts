/** The loudness is compared with FFmpeg's own `ebur128`: these tests need `ffmpeg` on PATH. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toChunks } from "../../src/resample/chunks.ts";
import { inspectAudio } from "../../src/resample/inspect.ts";
import { writeWav } from "../../src/resample/write-wav.ts";
import { collect, errorOf, join, pieces, tone, toS16le, wav } from "./signals.ts";
import { lacks } from "../programs.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), "everyword-test-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const SPEECH = new URL("../fixtures/reading.wav", import.meta.url);

/** What FFmpeg measures. */
function measured(path: string): number {
  const args = [
    "-hide_banner",
    "-nostats",
    "-i",
    path,
    "-filter_complex",
    "ebur128",
    "-f",
    "null",
    "-",
  ];
  const { stderr } = spawnSync("ffmpeg", args, { encoding: "utf8" });
  // The filter may be set up twice, and sums up each time: the last sum counts.
  const sums = [...stderr.matchAll(/Integrated loudness:\s+I:\s+(-?[\d.]+) LUFS/g)];
  return Number(sums.at(-1)?.[1]);
}

const LACKING = lacks("ffmpeg");

describe("inspectAudio", () => {
  it("finds 997 Hz at full scale in one channel at -3.01 LUFS, as the recommendation demands", async () => {
    const { loudness, peakDb } = await inspectAudio(
      wav(toS16le(tone(48_000, 997, 48_000 * 5, 1)), { rate: 48_000 }),
    );
    expect(loudness).toBeCloseTo(-3.01, 1);
    expect(peakDb).toBeCloseTo(0, 2);
  });

  it.skipIf(LACKING).each([
    ["speech", []],
    ["speech at 44.1 kHz in stereo", ["-ar", "44100", "-ac", "2"]],
    [
      "speech in 5.1",
      ["-ar", "48000", "-af", "pan=5.1|c0=c0|c1=0.5*c0|c2=c0|c3=c0|c4=0.7*c0|c5=0.2*c0"],
    ],
    ["speech with silence in between", ["-af", "apad=pad_dur=10,adelay=5000"]],
  ])("agrees with FFmpeg's measure of %s", async (_, args) => {
    const path = joinPath(folder, "loudness.wav");
    execFileSync("ffmpeg", ["-v", "error", "-y", "-i", SPEECH.pathname, ...args, path]);
    const { loudness } = await inspectAudio(path);
    expect(Math.abs((loudness ?? 0) - measured(path))).toBeLessThanOrEqual(0.15);
  });

  it("says what a file is", async () => {
    const half = tone(44_100, 300, 44_100, 0.5);
    const bytes = wav(toS16le(Float64Array.from([...half, ...new Float64Array(44_100)])), {
      rate: 44_100,
    });
    expect(await inspectAudio(pieces(bytes, 1_001))).toMatchObject({
      container: "wav",
      codec: "s16le",
      rate: 44_100,
      channels: 1,
      tracks: 1,
      seconds: 2,
      clippedSamples: 0,
      silentSeconds: 1,
      silent: false,
      truncated: false,
      decodingErrors: 0,
    });
  });

  it.skipIf(LACKING)("says what a compressed file is", async () => {
    const path = joinPath(folder, "two.mkv");
    const tracks = ["-map", "0", "-map", "0", "-c:a:0", "flac", "-c:a:1", "aac"];
    execFileSync("ffmpeg", ["-v", "error", "-y", "-i", SPEECH.pathname, ...tracks, path]);
    expect(await inspectAudio(path, { decoder: "native", track: 1 })).toMatchObject({
      container: "matroska,webm",
      codec: "aac",
      rate: 16_000,
      tracks: 2,
    });
  });

  it("counts clipped samples, and only in runs", async () => {
    const samples = new Int16Array(1_000);
    samples.fill(32_767, 100, 110);
    samples.fill(-32_768, 200, 203);
    samples.fill(32_767, 300, 302);
    const { clippedSamples } = await inspectAudio(pieces(wav(new Uint8Array(samples.buffer)), 3));
    expect(clippedSamples).toBe(13);
  });

  it("knows silence, and a file that was cut off", async () => {
    const facts = await inspectAudio(wav(new Uint8Array(32_000), { dataSize: 64_000 }));
    expect(facts).toMatchObject({ silent: true, truncated: true, silentSeconds: 1 });
    expect([facts.peakDb, facts.loudness]).toEqual([undefined, undefined]);
  });
});

describe("writeWav", () => {
  it("writes a file that reads back bit for bit", async () => {
    const path = joinPath(folder, "out.wav");
    const audio = toS16le(tone(16_000, 440, 12_345));
    expect(await writeWav(toChunks(wav(audio)), path)).toEqual({
      seconds: 12_345 / 16_000,
      bytes: 44 + audio.length,
    });
    expect(new Uint8Array(await readFile(path))).toEqual(wav(audio));
    expect(join(await collect(toChunks(path)))).toEqual(audio);
  });

  it("leaves no half-written file behind, and an old one alone when there is nothing to write", async () => {
    const path = joinPath(folder, "old.wav");
    await writeFile(path, "old");
    await errorOf(() => writeWav(toChunks(joinPath(folder, "missing.wav")), path));
    expect(await readFile(path, "utf8")).toBe("old");
    const failure = new Error("the line went dead");
    const dying = async function* (): AsyncGenerator<Uint8Array, void> {
      yield new Uint8Array(1_600);
      throw failure;
    };
    expect(await errorOf(() => writeWav(dying(), path))).toBe(failure);
    expect(await readdir(folder)).not.toContain("old.wav");
  });

  it("says why it cannot write", async () => {
    const path = joinPath(folder, "no", "such", "folder.wav");
    const error = await errorOf(() => writeWav(pieces(new Uint8Array(10), 2), path));
    expect(error).toMatchObject({
      code: "usage",
      message: expect.stringMatching(/^Cannot write folder\.wav:.*create/),
    });
  });
});
