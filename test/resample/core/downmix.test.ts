import { describe, expect, it } from "vitest";
import { mixWeights } from "../../../src/resample/core/downmix.ts";

function weights(channels: number, channelMask = 0): number[] {
  const format = { encoding: "s16le", rate: 48_000, channels, channelMask } as const;
  return [...mixWeights(format)].map((weight) => Math.round(weight * 1e4) / 1e4);
}

describe("the downmix", () => {
  it.each([
    [1, 0, [1]],
    [2, 0, [0.5, 0.5]],
    [3, 0, [0.2929, 0.2929, 0.4142]],
    [3, 0x0b, [0.5, 0.5, 0]], // 2.1: the low-frequency channel carries no speech
    [6, 0, [0.2071, 0.2071, 0.2929, 0, 0.1464, 0.1464]],
    [6, 0x60f, [0.2071, 0.2071, 0.2929, 0, 0.1464, 0.1464]], // 5.1 with side speakers
    [5, 0, [0.2071, 0.2071, 0.2929, 0.1464, 0.1464]],
    [8, 0, [0.1602, 0.1602, 0.2265, 0, 0.1133, 0.1133, 0.1133, 0.1133]],
    [10, 0, Array.from({ length: 10 }, () => 0.1)], // no usual layout: all the same
    [4, 0x3, Array.from({ length: 4 }, () => 0.25)], // a mask for two of four channels: unknown
    [3, 0x8, Array.from({ length: 3 }, () => 0.3333)],
  ])("weighs %i channels (mask %i) by ITU-R BS.775", (channels, mask, wanted) => {
    expect(weights(channels, mask)).toEqual(wanted);
  });

  it("never exceeds full scale: the weights sum to 1", () => {
    const sums = Array.from({ length: 64 }, (_, i) => {
      const format = { encoding: "s16le", rate: 48_000, channels: i + 1 } as const;
      return mixWeights(format).reduce((sum, weight) => sum + weight, 0);
    });
    expect(Math.max(...sums.map((sum) => Math.abs(sum - 1)))).toBeLessThan(1e-12);
  });
});
