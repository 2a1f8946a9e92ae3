/** The core in a real browser. */
import { describe, expect, it } from "vitest";
import { type Encoding } from "../../../src/resample/core/format.ts";
import { bundleRun, runInChromium } from "../../chromium.ts";
import { lacks } from "../../programs.ts";
import { type PageInput, run } from "./pipeline-page.ts";

const PAGE = new URL("pipeline-page.ts", import.meta.url);
const WORKER_PAGE = new URL("worker-page.ts", import.meta.url);
const FORMATS: [Encoding, number, number][] = [
  ["s16le", 44_100, 1],
  ["s16le", 48_000, 2],
  ["f32le", 96_000, 6],
  ["mulaw", 8_000, 1],
  ["s24be", 11_025, 2],
];

function inputs(plain: boolean): PageInput[] {
  return FORMATS.map(([encoding, rate, channels]) => ({
    format: { encoding, rate, channels },
    plain,
  }));
}

describe.skipIf(lacks("chromium"))("the core in Chromium", () => {
  const expected = run(inputs(false));

  it("gives the bytes that it gives in Node, by SIMD and by the plain twin", async () => {
    expect(expected.map(({ chosen }) => chosen)).toEqual(FORMATS.map(() => "simd"));
    const results = await runInChromium(PAGE, [...inputs(false), ...inputs(true)]);
    expect(results).toEqual([...expected, ...expected]);
  });

  it("gives them in a worker of the page too", async () => {
    const script = await bundleRun(PAGE, inputs(false), "(body) => postMessage(body)");
    expect(await runInChromium(WORKER_PAGE, script)).toEqual({ result: expected });
  });
});
