import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { RESAMPLER_WASM } from "../../../src/resample/core/resampler.wasm.ts";
import { createSimdKernels } from "../../../src/resample/core/simd-kernels.ts";

describe("the SIMD kernels", () => {
  it("are what their source compiles to, byte for byte", () => {
    const script = new URL("../../../scripts/build-resampler.mjs", import.meta.url).pathname;
    const built = execFileSync(process.execPath, [script, "--print"], { encoding: "utf8" });
    expect(RESAMPLER_WASM).toBe(built);
  });

  it("have a heap of their own, zeroed, as large as asked", () => {
    const one = createSimdKernels(100_000);
    const other = createSimdKernels(10);
    one?.heap.fill(1);
    expect(one?.heap).toHaveLength(100_000);
    expect(other?.heap.every((value) => value === 0)).toBe(true);
  });
});
