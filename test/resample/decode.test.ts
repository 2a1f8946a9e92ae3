/**
 * Compressed formats, made by the `ffmpeg` program and read through it and through its WebAssembly
 * build. These tests need `ffmpeg` and `ffprobe` on PATH, and dist/ as built from this source (the
 * WebAssembly decoder runs in a worker, and workers are started by Node, which reads no TypeScript).
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { EverywordError } from "../../src/errors.ts";
import { toChunks } from "../../src/resample/chunks.ts";
import {
  type AudioWarning,
  type ChunkOptions,
  type DecoderChoice,
} from "../../src/resample/options.ts";
import { ascii, collect, decibels, errorOf, fromS16le, join, rms } from "./signals.ts";
import { lacks } from "../programs.ts";

const WORKER = new URL("../../dist/resample/wasm-worker.js", import.meta.url);
const SECONDS = 2.5;

let folder: string;

function made(name: string): string {
  return joinPath(folder, name);
}

function ffmpeg(...args: string[]): void {
  execFileSync("ffmpeg", ["-v", "error", "-y", ...args], { cwd: folder });
}

const TONE = ["-f", "lavfi", "-i", `sine=440:d=${SECONDS}:r=44100`];
const PICTURE = ["-f", "lavfi", "-i", `testsrc=d=${SECONDS}:s=64x64:r=10`];

/** AMR frames of 12.2 kbit/s with arbitrary bits: no free encoder is needed for a valid file. */
function amr(): Uint8Array {
  const frame = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 0x3c : (i * 37) & 0xff));
  return join([ascii("#!AMR\n"), ...Array.from({ length: SECONDS * 50 }, () => frame)]);
}

const LACKING = lacks("ffmpeg", "ffprobe", "mkfifo");

beforeAll(async () => {
  if (LACKING) return;
  if (!existsSync(WORKER)) throw new Error("dist/ is missing: run `npm run build` first");
  folder = await mkdtemp(joinPath(tmpdir(), "everyword-test-"));
  for (const name of [
    "mp3",
    "flac",
    "m4a",
    "aac",
    "opus",
    "wma",
    "aiff",
    "au",
    "caf",
    "w64",
    "ac3",
  ]) {
    ffmpeg(...TONE, `tone.${name}`);
  }
  ffmpeg(...TONE, "-c:a", "libvorbis", "tone.ogg");
  ffmpeg(...TONE, "-c:a", "adpcm_ima_wav", "coded.wav");
  ffmpeg(...TONE, "-ar", "16000", "-c:a", "g722", "tone.g722");
  ffmpeg(...PICTURE, ...TONE, "video.mp4");
  ffmpeg(...PICTURE, ...TONE, "video.mkv");
  ffmpeg(...PICTURE, ...TONE, "video.webm");
  ffmpeg("-i", "video.mp4", "-c", "copy", "-movflags", "+faststart", "index-first.mp4");
  ffmpeg(...PICTURE, "silent.mp4");
  ffmpeg(
    ...TONE,
    "-f",
    "lavfi",
    "-i",
    `sine=3000:d=${SECONDS}`,
    "-map",
    "0",
    "-map",
    "1",
    "two.mkv",
  );
  writeFileSync(made("tone.amr"), amr());
  ffmpeg("-i", "tone.amr", "-c", "copy", "tone.3gp");
});
afterAll(async () => {
  if (!LACKING) await rm(folder, { recursive: true, force: true });
});

const FILES: [string, number][] = [
  // A frame of the codec in seconds: by so much the length may differ from what the container says.
  ["tone.mp3", (2 * 1152) / 44_100], // the probe counts the encoder's delay and padding too
  ["tone.flac", 0.001],
  ["tone.m4a", 1024 / 44_100],
  ["tone.aac", 1024 / 44_100],
  ["tone.ogg", 0.001],
  ["tone.opus", 0.02],
  ["video.webm", 0.02],
  ["video.mp4", 1024 / 44_100],
  ["video.mkv", 1024 / 44_100],
  ["tone.amr", 0.02],
  ["tone.3gp", 0.02],
  ["tone.wma", 2048 / 44_100],
  ["tone.aiff", 0.001],
  ["tone.au", 0.001],
  ["tone.caf", 0.001],
  ["tone.w64", 0.001],
  ["tone.ac3", 1536 / 44_100],
  ["coded.wav", 0.001],
  ["tone.g722", 0.001],
];

const UNITS = { native: "native", wasm: "wasm" } as const;

function probedSeconds(name: string): number {
  // The probe only estimates AMR, from its bit rate.
  if (name === "tone.amr") return SECONDS;
  const fields = ["-show_entries", "format=duration", "-of", "csv=p=0"];
  return Number(
    execFileSync("ffprobe", ["-v", "error", ...fields, made(name)], { encoding: "utf8" }),
  );
}

async function read(
  source: Parameters<typeof toChunks>[0],
  options: ChunkOptions,
): Promise<Int16Array> {
  return fromS16le(join(await collect(toChunks(source, options))));
}

/** Cycles in the first second of one track. */
async function cycles(decoder: DecoderChoice, track: number): Promise<number> {
  const samples = await read(made("two.mkv"), { decoder, track });
  let count = 0;
  for (let i = 1; i < 16_000; i++) {
    if ((samples[i] ?? 0) >= 0 !== (samples[i - 1] ?? 0) >= 0) count++;
  }
  return Math.round(count / 2 / 10) * 10;
}

/** A stream that never ends by itself. */
async function* endless(onReturn?: () => void): AsyncGenerator<Uint8Array, void> {
  try {
    for (;;) yield readFileSync(made("tone.mp3"));
  } finally {
    onReturn?.();
  }
}

describe.skipIf(LACKING)("a native decoder that dies", () => {
  it.each([
    ["at once", "", { code: "input-unreadable" }],
    ["after some audio", "ffmpeg -v error -i tone.flac -t 1 -f wav -c:a pcm_f32le -;", undefined],
  ])("%s is told from one that has done its work", async (_, work, refusal) => {
    const program = made(`dying-${work.length}`);
    // It answers like any other when it is asked for its version.
    const script = `#!/bin/sh\n[ "$1" = -version ] && exit 0\ncd ${folder}\n${work} kill -9 $$\n`;
    writeFileSync(program, script, { mode: 0o755 });
    vi.stubEnv("FFMPEG_PATH", program);
    try {
      const warnings: AudioWarning[] = [];
      const onWarning = (warning: AudioWarning): void => void warnings.push(warning);
      let samples = 0;
      const error = await errorOf(async () => {
        samples = (await read(made("tone.flac"), { decoder: "native", onWarning })).length;
      });
      if (refusal === undefined) expect(error).toBeUndefined();
      else expect(error).toMatchObject(refusal);
      expect(samples).toBe(refusal === undefined ? 16_000 : 0);
      expect(warnings.map(({ code }) => code)).toEqual(refusal === undefined ? ["damaged"] : []);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe.skipIf(LACKING).each(Object.values(UNITS))("the %s decoder", (decoder) => {
  it.each(FILES)("reads %s to its full length", async (name, frame) => {
    const samples = await read(made(name), { decoder });
    expect(Math.abs(samples.length / 16_000 - probedSeconds(name))).toBeLessThanOrEqual(
      frame + 0.001,
    );
    // The tone is there; AMR frames of arbitrary bits are only not silent.
    const level = decibels(rms(samples, 8_000, 32_000) / (32_768 / 8 / Math.SQRT2));
    expect(level).toBeGreaterThan(name.includes("amr") || name.includes("3gp") ? -60 : -0.5);
  });

  it.each(["tone.mp3", "tone.m4a", "video.webm", "coded.wav", "tone.ogg"])(
    "reads %s from a stream as from a file",
    async (name) => {
      const fromFile = await read(made(name), { decoder });
      const fromStream = await read(createReadStream(made(name), { highWaterMark: 777 }), {
        decoder,
      });
      expect(Math.abs(fromStream.length - fromFile.length)).toBeLessThanOrEqual(1_152);
      expect(rms(fromStream, 8_000, 32_000)).toBeCloseTo(rms(fromFile, 8_000, 32_000), -2);
    },
  );

  it("reads from a named pipe", async () => {
    const name = made(`pipe-${decoder}`);
    execFileSync("mkfifo", [name]);
    const writing = spawn("sh", ["-c", `cat tone.mp3 > pipe-${decoder}`], { cwd: folder });
    const closed = once(writing, "close");
    const samples = await read(name, { decoder });
    await closed;
    expect(Math.abs(samples.length / 16_000 - SECONDS)).toBeLessThan(0.05);
  });

  it("leaves no temporary file behind", async () => {
    // A folder of its own: other tests spool files at the same time.
    const own = await mkdtemp(joinPath(folder, "spool-"));
    vi.stubEnv("TMPDIR", own);
    try {
      const seen: string[] = [];
      const bytes = readFileSync(made("tone.m4a"));
      for await (const chunk of toChunks(bytes, { decoder })) {
        if (chunk.length > 0 && seen.length === 0) seen.push(...(await readdir(own)));
      }
      expect(seen).toEqual([expect.stringMatching(/^everyword-decode-/)]);
      expect(await readdir(own)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("reads the audio track that is asked for", async () => {
    expect([await cycles(decoder, 0), await cycles(decoder, 1)]).toEqual([440, 3_000]);
  });

  it.each([
    ["silent.mp4", 0, /no audio track/],
    ["two.mkv", 2, /2 audio tracks, and track 2 was asked for/],
  ])("says so when the track is not there: %s, track %i", async (name, track, words) => {
    const error = await errorOf(() => read(made(name), { decoder, track }));
    expect(error).toBeInstanceOf(EverywordError);
    expect(error).toMatchObject({
      code: "input-unreadable",
      message: expect.stringMatching(words),
    });
  });

  it("keeps what stands before and after damage, and says so once", async () => {
    const bytes = readFileSync(made("tone.mp3"));
    bytes.fill(0x55, bytes.length / 2, bytes.length / 2 + 3_000);
    writeFileSync(made("damaged.mp3"), bytes);
    const warnings: AudioWarning[] = [];
    const onWarning = (warning: AudioWarning): void => void warnings.push(warning);
    const samples = await read(made("damaged.mp3"), { decoder, onWarning });
    expect(samples.length).toBeGreaterThan(1.5 * 16_000);
    expect(warnings).toMatchObject([{ code: "damaged" }]);
  });

  it.each([
    ["tone.mp3", "truncated"],
    ["tone.flac", "truncated"],
    ["tone.aiff", "truncated"],
    ["tone.au", "truncated"],
    ["tone.w64", "truncated"],
    ["tone.caf", "damaged"],
    ["tone.wma", "damaged"],
    ["tone.aac", "damaged"],
    ["video.mkv", "damaged"],
    ["video.webm", "damaged"],
    ["index-first.mp4", "damaged"],
  ])("keeps the beginning of %s when its end is cut off, and says so: %s", async (name, code) => {
    const bytes = readFileSync(made(name));
    const path = made(`cut-${decoder}-${name}`);
    writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    const warnings: AudioWarning[] = [];
    const onWarning = (warning: AudioWarning): void => void warnings.push(warning);
    const samples = await read(path, { decoder, onWarning });
    const whole = await read(made(name), { decoder });
    expect(samples.length).toBeGreaterThan(whole.length * 0.15);
    expect(samples.length).toBeLessThan(whole.length * 0.75);
    // But for the end of the filter and of the last frame, it is the beginning of the whole.
    const sure = samples.length - 4_000;
    expect(samples.subarray(0, sure)).toEqual(whole.subarray(0, sure));
    expect(warnings.map((warning) => warning.code)).toContain(code);
  });

  it.each(FILES)("finds nothing to say about %s, which is whole", async (name) => {
    const warnings: AudioWarning[] = [];
    await read(made(name), { decoder, onWarning: (warning) => void warnings.push(warning) });
    expect(warnings).toEqual([]);
  });

  it("refuses an MP4 whose index is cut off", async () => {
    writeFileSync(made("cut.mp4"), readFileSync(made("video.mp4")).subarray(0, 5_000));
    const error = await errorOf(() => read(made("cut.mp4"), { decoder }));
    expect(error).toMatchObject({ code: "input-unreadable" });
  });

  it("stops at once when the signal fires", async () => {
    const controller = new AbortController();
    let chunks = 0;
    const error = await errorOf(async () => {
      for await (const chunk of toChunks(endless(), { decoder, signal: controller.signal })) {
        chunks += chunk.length > 0 ? 1 : 0;
        if (chunks === 100) controller.abort(new Error("enough"));
      }
    });
    expect(error).toBe(controller.signal.reason);
  });

  it("stops when the reader does, however much is still to come", async () => {
    let returned = false;
    const source = endless(() => {
      returned = true;
    });
    for await (const chunk of toChunks(source, { decoder })) if (chunk.length > 0) break;
    expect(returned).toBe(true);
  });

  it("passes on what its source throws", async () => {
    const failure = new Error("the line went dead");
    const dying = async function* (): AsyncGenerator<Uint8Array, void> {
      yield readFileSync(made("tone.mp3"));
      throw failure;
    };
    expect(await errorOf(() => read(dying(), { decoder }))).toBe(failure);
  });
});
