import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Recognizers and simulations are CPU-bound: more workers than cores only makes them late.
    maxWorkers: 2,
  },
});
