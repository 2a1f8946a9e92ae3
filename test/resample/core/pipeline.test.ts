import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Encoding, type PcmFormat } from "../../../src/resample/core/format.ts";
import { PcmPipeline, type PipelineOptions } from "../../../src/resample/core/pipeline.ts";
import { createPlainKernels } from "../../../src/resample/core/plain-kernels.ts";
import { cut, join, seeded } from "../signals.ts";

function run(
  bytes: Uint8Array,
  format: PcmFormat,
  next: () => number,
  options: PipelineOptions = {},
): Uint8Array[][] {
  const pipeline = new PcmPipeline(format, options);
  const rows: Uint8Array[][] = [];
  for (const piece of cut(bytes, next)) rows.push(...pipeline.push(piece));
  rows.push(...pipeline.flush());
  return rows;
}

function sha256(rows: Uint8Array[][]): string {
  return createHash("sha256").update(join(rows.flat())).digest("hex");
}

function randomBytes(count: number, seed: number): Uint8Array {
  const random = seeded(seed);
  return Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
}

const FORMATS: [Encoding, number, number][] = [
  ["s16le", 16_000, 1],
  ["s16le", 44_100, 1],
  ["s16le", 48_000, 2],
  ["s16be", 48_000, 2],
  ["s24le", 96_000, 6],
  ["mulaw", 8_000, 1],
  ["f32le", 22_050, 3],
  ["f64be", 11_025, 1],
  ["s8", 12_000, 2],
  ["alaw", 24_000, 1],
  ["s32le", 32_000, 1],
  ["f64le", 88_200, 2],
  ["s16le", 192_000, 2],
];

describe("the PCM pipeline", () => {
  it.each(FORMATS)(
    "gives the same bytes for every cut, odd ones included, and for both kernels: %s, %i Hz, %i channels",
    (encoding, rate, channels) => {
      const format = { encoding, rate, channels };
      const bytes = randomBytes(40_003, rate + channels);
      const random = seeded(7);
      const cuts = [
        () => bytes.length,
        () => 1,
        () => 3,
        () => 1_601,
        () => Math.floor(random() * 9_000),
      ];
      const sums = cuts.flatMap((next) =>
        [undefined, createPlainKernels].map((kernels) =>
          sha256(run(bytes, format, next, { kernels })),
        ),
      );
      expect(new Set(sums).size).toBe(1);
    },
  );

  it.each([20, 50, 100, 400])("cuts chunks of %i ms, and only the last is short", (chunkMs) => {
    const format = { encoding: "s16le", rate: 48_000, channels: 1 } as const;
    const lengths = run(new Uint8Array(2 * 50_001), format, () => 999, { chunkMs }).map(
      ([chunk]) => chunk?.length,
    );
    const total = 2 * Math.ceil(50_001 / 3);
    const full = chunkMs * 32;
    const wanted = Array.from({ length: Math.floor(total / full) }, () => full);
    expect(lengths).toEqual(total % full === 0 ? wanted : [...wanted, total % full]);
  });

  it("gives each channel of a split the bytes that it has alone", () => {
    const stereo = randomBytes(4 * 12_345, 3);
    const alone = [0, 1].map((side) => {
      const mono = new Uint8Array(2 * 12_345);
      for (let i = 0; i < 12_345; i++)
        mono.set(stereo.subarray(4 * i + 2 * side, 4 * i + 2 * side + 2), 2 * i);
      return join(run(mono, { encoding: "s16le", rate: 44_100, channels: 1 }, () => 4_096).flat());
    });
    const rows = run(stereo, { encoding: "s16le", rate: 44_100, channels: 2 }, () => 777, {
      channel: "split",
    });
    expect([0, 1].map((side) => join(rows.map((row) => row[side]!)))).toEqual(alone);
  });

  it("drops half a frame at the end", () => {
    const format = { encoding: "s16le", rate: 16_000, channels: 2 } as const;
    expect(join(run(new Uint8Array(4 * 10 + 3), format, () => 5).flat())).toHaveLength(20);
  });

  it.each([
    [{ encoding: "s16le", rate: 3_999, channels: 1 }, {}],
    [{ encoding: "s16le", rate: 44_100.5, channels: 1 }, {}],
    [{ encoding: "s16le", rate: 16_000, channels: 0 }, {}],
    [{ encoding: "s16le", rate: 16_000, channels: 65 }, {}],
    [{ encoding: "mp3" as Encoding, rate: 16_000, channels: 1 }, {}],
    [{ encoding: "s16le", rate: 16_000, channels: 2 }, { channel: 2 }],
    [{ encoding: "s16le", rate: 16_000, channels: 2 }, { chunkMs: 0 }],
  ] as [PcmFormat, PipelineOptions][])("refuses %j with %j", (format, options) => {
    expect(() => new PcmPipeline(format, options)).toThrow(RangeError);
  });
});
