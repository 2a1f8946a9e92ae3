/**
 * Files that are cut, flipped, or made to hurt: each ends in a clear error or in a kept prefix, with
 * bounded memory and in bounded time. The compressed ones need `ffmpeg` on PATH and dist/ as built.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EverywordError } from "../../src/errors.ts";
import { toChunks } from "../../src/resample/chunks.ts";
import { FormatFault, HeaderReader } from "../../src/resample/core/header.ts";
import { PcmPipeline } from "../../src/resample/core/pipeline.ts";
import { parseWav } from "../../src/resample/core/wav.ts";
import { ascii, type Bytes, cut, join, seeded, tone, toS16le, u32, wav } from "./signals.ts";
import { lacks } from "../programs.ts";

const SEED = 20_260_101;
const DATA = toS16le(tone(16_000, 440, 400));

/** Reads a WAV with the core alone: what came of it, in seconds or as the reason of a refusal. */
function outcome(bytes: Uint8Array, size: number): number | string {
  const reader = new HeaderReader(parseWav());
  let pipeline: PcmPipeline | undefined;
  let made = 0;
  const take = (part: Uint8Array): void => {
    for (const [chunk] of pipeline?.push(part) ?? []) made += chunk?.length ?? 0;
  };
  try {
    for (const piece of cut(bytes, () => size)) {
      if (pipeline !== undefined) take(piece);
      else {
        const header = reader.push(piece);
        if (header === undefined) continue;
        pipeline = new PcmPipeline(header.format);
        take(reader.rest);
      }
    }
    pipeline ??= new PcmPipeline(reader.end().format);
    for (const [chunk] of pipeline.flush()) made += chunk?.length ?? 0;
    return made / 32_000;
  } catch (error) {
    if (error instanceof FormatFault) return error.message;
    throw error;
  }
}

function rf64(): Bytes {
  const sizes = new Uint8Array(28);
  sizes[8] = DATA.length & 0xff;
  sizes[9] = DATA.length >> 8;
  const head = [ascii("RF64"), u32(0xffff_ffff), ascii("WAVEds64"), u32(28), sizes];
  return join([...head, wav(DATA).subarray(12, 36), ascii("data"), u32(0xffff_ffff), DATA]);
}

const SEEDS = [wav(DATA), wav(DATA, { tag: 3, bits: 32 }), wav(DATA, { tag: 7, bits: 8 }), rf64()];

describe("hostile WAV files", () => {
  it("end in a fault or in audio, for 600 ways to flip, cut and stretch good ones", () => {
    const file = fc.tuple(
      fc.constantFrom(...SEEDS),
      fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 }),
      fc.nat(1_000),
      fc.integer({ min: 1, max: 300 }),
    );
    fc.assert(
      fc.property(file, ([seed, flips, length, size]) => {
        const bytes = seed.slice();
        for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
        const result = outcome(bytes.subarray(0, bytes.length - (length % bytes.length)), size);
        // A byte is at most one frame, a frame at most 4 samples of output (at 4 kHz), plus the tail.
        return typeof result === "string" || result <= (4 * bytes.length + 4) / 16_000;
      }),
      { numRuns: 600, seed: SEED },
    );
  });

  it("never take arbitrary bytes behind the letters for anything that crashes", () => {
    const heads = ["RIFF....WAVE", "RF64....WAVE", "riff", "RIFF....WAVEfmt ", "RIFF....WAVEdata"];
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 200 }), (head, tail) =>
        ["string", "number"].includes(typeof outcome(join([ascii(head), tail]), 7)),
      ),
      { numRuns: 600, seed: SEED },
    );
  });

  it.each([
    ["a LIST of 4 GB", wav(DATA, { before: join([ascii("LIST"), u32(0xffff_ffff)]) })],
    ["a format of 4 GB", join([ascii("RIFF"), u32(0), ascii("WAVEfmt "), u32(0xffff_ffff), DATA])],
    [
      "10 000 empty chunks",
      wav(DATA, {
        before: join(Array.from({ length: 10_000 }, () => join([ascii("junk"), u32(0)]))),
      }),
    ],
    ["a RIFF in a RIFF", wav(wav(wav(DATA)))],
    ["rate 4 294 967 295", wav(DATA, { rate: 0xffff_ffff })],
    ["65 535 channels of 64 bits", wav(DATA, { tag: 3, channels: 0xffff, bits: 64 })],
    ["a data chunk of 4 GB", wav(DATA, { dataSize: 0xffff_fff0 })],
  ])("cost nothing: %s", (_, bytes) => {
    const before = process.memoryUsage().rss;
    expect(["string", "number"]).toContain(typeof outcome(bytes, 64));
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), "everyword-test-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function make(name: string): Uint8Array {
  const path = joinPath(folder, name);
  const source = ["-f", "lavfi", "-i", "sine=440:d=0.5:r=44100"];
  execFileSync("ffmpeg", ["-v", "error", "-y", ...source, path]);
  return new Uint8Array(readFileSync(path));
}

/** Cut short, flipped in a hundred places, flipped in its header, with a hole, twice, and reversed. */
function mutations(good: Uint8Array, random: () => number): [string, Uint8Array][] {
  const flipped = (count: number, within: number): Uint8Array => {
    const bytes = good.slice();
    for (let i = 0; i < count; i++)
      bytes[12 + Math.floor(random() * within)] = Math.floor(random() * 256);
    return bytes;
  };
  const holed = good.slice();
  holed.fill(0, Math.floor(good.length / 3), Math.floor(good.length / 2));
  return [
    ["cut short", good.subarray(0, Math.floor(good.length * random()))],
    ["flipped all over", flipped(100, good.length - 12)],
    ["flipped in its header", flipped(8, 200)],
    ["with a hole", holed],
    ["twice", join([good, good])],
    ["cut at its front", good.subarray(Math.floor(good.length / 3))],
  ];
}

/** What came of it: the kind of end, and never anything else. */
async function end(source: Uint8Array, decoder: "native" | "wasm"): Promise<string> {
  let bytes = 0;
  try {
    for await (const chunk of toChunks(source, { decoder })) bytes += chunk.length;
    return bytes > 0 && bytes < 32_000 * 60 ? "audio" : `${bytes} bytes`;
  } catch (error) {
    return error instanceof EverywordError && error.code === "input-unreadable"
      ? "refused"
      : String(error);
  }
}

const FORMATS = [
  "mp3",
  "flac",
  "m4a",
  "ogg",
  "opus",
  "webm",
  "wma",
  "aiff",
  "au",
  "caf",
  "aac",
  "w64",
];

describe.skipIf(lacks("ffmpeg"))("hostile compressed files", () => {
  it.each(FORMATS)("end in a refusal or in audio by the native decoder: %s", async (format) => {
    const good = make(`good.${format}`);
    const ends: string[] = [];
    for (const [, bytes] of mutations(good, seeded(SEED))) ends.push(await end(bytes, "native"));
    expect(ends.filter((text) => text !== "audio" && text !== "refused")).toEqual([]);
  });

  it.each(["mp3", "m4a", "ogg"])("end so by the WebAssembly decoder too: %s", async (format) => {
    const good = make(`good.${format}`);
    const ends: string[] = [];
    for (const [, bytes] of mutations(good, seeded(SEED))) ends.push(await end(bytes, "wasm"));
    expect(ends.filter((text) => text !== "audio" && text !== "refused")).toEqual([]);
  });
});
