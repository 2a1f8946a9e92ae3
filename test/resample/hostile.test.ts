/**
 * WAV files that are cut, flipped, or made to hurt: each ends in a clear error or in a kept prefix,
 * with bounded memory. What goes through a decoder is in `corpus.test.ts`.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatFault, HeaderReader } from "../../src/resample/core/header.ts";
import { PcmPipeline } from "../../src/resample/core/pipeline.ts";
import { parseWav } from "../../src/resample/core/wav.ts";
import { ascii, type Bytes, cut, join, tone, toS16le, u32, wav } from "./signals.ts";

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
