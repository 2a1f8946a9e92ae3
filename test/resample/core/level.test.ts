import { describe, expect, it } from "vitest";
import { levelOf } from "../../../src/resample/core/level.ts";
import { tone, toS16le } from "../signals.ts";

describe("the level of a chunk", () => {
  it("is -6 dB at the peak and -9 dB in the mean for a sine at half scale", () => {
    const { peakDb, rmsDb } = levelOf(toS16le(tone(16_000, 1_000, 800, 0.5)));
    expect(peakDb).toBeCloseTo(-6.02, 1);
    expect(rmsDb).toBeCloseTo(-9.03, 1);
  });

  it.each([new Uint8Array(0), new Uint8Array(1), new Uint8Array(1_600)])(
    "is nothing at all in silence",
    (chunk) => {
      expect(levelOf(chunk)).toEqual({ peakDb: -Infinity, rmsDb: -Infinity });
    },
  );
});
