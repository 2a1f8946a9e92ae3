import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { designSteep } from "../../../src/resample/core/sharp-filter.ts";
import { STEEP_TAPS } from "../../../src/resample/core/steep-taps.ts";

describe("the steep filter", () => {
  it("is what its design gives", () => {
    const script = new URL("../../../scripts/design-steep.mjs", import.meta.url).pathname;
    const taps = JSON.parse(
      execFileSync(process.execPath, [script, "--print"], { encoding: "utf8" }),
    );
    const apart = STEEP_TAPS.map((tap, n) => Math.abs(tap - taps[n]));
    expect(taps).toHaveLength(STEEP_TAPS.length);
    expect(Math.max(...apart)).toBeLessThan(1e-11);
  });

  it("gives the same level in even and odd outputs", () => {
    // A constant leaves only the strands that are no differences: their products sum up to 1.
    const { reach, taps } = designSteep();
    const shared = Array.from({ length: 3 * reach }, (_, i) => 4 * 3 * reach + i);
    const sums = [0, 1].map((odd) =>
      shared.reduce((sum, at) => sum + (taps[2 * at + odd] ?? 0), 0),
    );
    expect(sums[0]).toBeCloseTo(1, 6);
    expect(sums[1]).toBeCloseTo(1, 6);
  });
});
