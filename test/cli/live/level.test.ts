import { describe, expect, it } from "vitest";
import { measureLevel, withLevel } from "../../../src/cli/live/level.ts";

const chunkOf = (sample: number) => new Uint8Array(new Int16Array(800).fill(sample).buffer);

async function* chunks() {
  for (let i = 0; i < 20; i++) yield chunkOf(i * 100);
}

describe("the microphone's level", () => {
  it("is the root mean square and the peak of the samples", () => {
    expect(measureLevel([chunkOf(16_384), chunkOf(-16_384)])).toEqual({ rms: 0.5, peak: 0.5 });
  });

  it("is silence when there is nothing to measure", () => {
    expect(measureLevel([])).toEqual({ rms: 0, peak: 0 });
  });

  it("is told five times a second, and every chunk is handed through", async () => {
    const levels: number[] = [];
    let count = 0;
    for await (const chunk of withLevel(chunks(), ({ peak }) => levels.push(peak))) {
      count += chunk.length / 1600;
    }
    expect([count, levels.length]).toEqual([20, 5]);
  });
});
