/** Many files in a row through the WebAssembly decoder; 200 are read by `bench:resample --many`. */
import { expect, it } from "vitest";
import { toChunks } from "../../src/resample/chunks.ts";
import { aiffOf, collect, join, tone, toS16le } from "./signals.ts";

const FILES = 25;
const GROWTH_BYTES = 32 * 1024 * 1024;

it("reads one file after the other by the WebAssembly decoder, in memory that stays flat", async () => {
  const samples = toS16le(tone(16_000, 440, 8_000));
  const file = aiffOf(samples, 16_000);
  let early = 0;
  const wrong: number[] = [];
  for (let i = 0; i < FILES; i++) {
    const made = join(await collect(toChunks(file, { decoder: "wasm" })));
    if (Buffer.compare(made, samples) !== 0) wrong.push(i);
    if (i === 4) early = process.memoryUsage().rss;
  }
  expect(wrong).toEqual([]);
  expect(process.memoryUsage().rss - early).toBeLessThan(GROWTH_BYTES);
});
