import { describe, expect, it } from "vitest";
import { type PcmFormat } from "../../../src/resample/core/format.ts";
import { type Finding, SignalWatch } from "../../../src/resample/core/watch.ts";
import { tone } from "../signals.ts";

const MONO: PcmFormat = { encoding: "f32le", rate: 16_000, channels: 1 };
const STEREO: PcmFormat = { ...MONO, channels: 2 };

function findings(
  samples: Float32Array,
  format: PcmFormat,
  block: number,
  mixed = true,
): Finding[] {
  const watch = new SignalWatch(format, mixed);
  const found: Finding[] = [];
  const { channels } = format;
  for (let at = 0; at < samples.length / channels; at += block) {
    const part = samples.subarray(at * channels, (at + block) * channels);
    watch.push(part, part.length / channels, 1);
    found.push(...watch.take());
  }
  watch.end();
  return [...found, ...watch.take()];
}

function stereo(left: Float64Array, right: Float64Array): Float32Array {
  return Float32Array.from(
    { length: 2 * left.length },
    (_, i) => (i % 2 === 0 ? left : right)[i >> 1]!,
  );
}

describe("listening to a signal", () => {
  it.each([0, 1, 2, 3, 4, 5])(
    "notices three samples at full scale in a row, at offset %i",
    (offset) => {
      const samples = Float32Array.from(tone(16_000, 300, 2_000, 0.3));
      samples.fill(-1, 1_000 + offset, 1_003 + offset);
      const found = findings(samples, MONO, 4_096);
      expect(found.map(({ code }) => code)).toEqual(["clipping"]);
      expect(found[0]?.atSeconds).toBeCloseTo((1_000 + offset) / 16_000, 3);
    },
  );

  it.each([1, 2, 3, 4, 5, 7, 1_001, 1_002])(
    "notices a run that is spread over blocks of %i frames, with its time",
    (block) => {
      const samples = Float32Array.from(tone(16_000, 300, 2_000, 0.3));
      samples.fill(1, 1_000, 1_003);
      expect(findings(samples, MONO, block)).toEqual([
        { code: "clipping", atSeconds: 1_000 / 16_000 },
      ]);
      const left = Float64Array.from(tone(16_000, 300, 2_000, 0.3));
      const right = Float64Array.from(samples);
      expect(findings(stereo(left, right), STEREO, block)).toEqual([
        { code: "clipping", atSeconds: 1_000 / 16_000 },
      ]);
    },
  );

  it("does not look at what lies behind a block in its buffer", () => {
    const watch = new SignalWatch(MONO, true);
    const buffer = new Float32Array(10).fill(1);
    watch.push(buffer, 1, 1);
    watch.push(buffer, 1, 1);
    watch.push(new Float32Array(10), 10, 1);
    expect(watch.take()).toEqual([]);
  });

  it.each([1, 2, 3])("adds no run to one of the other sign, in blocks of %i frames", (block) => {
    const sign = [1, 1, -1, -1, 1, 1, 0, 1, 1, 0];
    const samples = Float32Array.from({ length: 100 }, (_, i) => sign[i % 10]!);
    expect(findings(samples, MONO, block)).toEqual([]);
  });

  it("tells clipping once, however often it comes", () => {
    const samples = Float32Array.from(tone(16_000, 300, 64_000, 3), (x) =>
      Math.max(-1, Math.min(1, x)),
    );
    expect(findings(samples, MONO, 1_000)).toHaveLength(1);
  });

  it.each([
    ["a full-scale peak of two samples", (i: number) => (i === 500 || i === 501 ? 1 : 0.1)],
    ["full scale with changing sign", (i: number) => (i % 2 === 0 ? 1 : -1)],
  ])("does not call %s clipping", (_, sample) => {
    expect(
      findings(
        Float32Array.from({ length: 999 }, (__, i) => sample(i)),
        MONO,
        100,
      ),
    ).toEqual([]);
  });

  it("notices that left and right cancel each other, when they are to be mixed", () => {
    const left = tone(16_000, 300, 48_000, 0.3);
    const opposed = stereo(
      left,
      left.map((x) => -x),
    );
    expect(findings(opposed, STEREO, 777)).toMatchObject([{ code: "cancelling" }]);
    expect(findings(opposed, STEREO, 777, false)).toEqual([]);
    expect(findings(stereo(left, left), STEREO, 777)).toEqual([]);
    expect(findings(stereo(left, tone(16_000, 411, 48_000, 0.3)), STEREO, 777)).toEqual([]);
  });

  it("notices silence only at the end, and only when there was nothing else", () => {
    expect(findings(new Float32Array(5_000), MONO, 100)).toEqual([
      { code: "silence", atSeconds: 0 },
    ]);
    expect(findings(Float32Array.from(tone(16_000, 100, 5_000, 0.01)), MONO, 100)).toEqual([]);
  });

  it.each([
    ["u8", 127 / 128],
    ["mulaw", 32_124 / 32_768],
    ["alaw", 32_256 / 32_768],
  ] as const)("knows the highest value of %s", (encoding, highest) => {
    const samples = Float32Array.from({ length: 90 }, (_, i) => (i > 40 && i < 50 ? highest : 0.1));
    expect(findings(samples, { ...MONO, encoding }, 90)).toMatchObject([{ code: "clipping" }]);
  });
});
