import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEngine } from "../../../src/server/engine/engine.ts";
import type {
  RecognizedSegment,
  RecognizeOptions,
  Recognizer,
} from "../../../src/server/recognizer.ts";
import { countWordErrors, normalizeWords, readRecording } from "./recording.ts";

let engine: Recognizer;

beforeAll(async () => {
  engine = await openEngine({ model: "base" });
  await engine.ready();
}, 300_000);

afterAll(async () => {
  await engine.close();
});

/** Streams the samples in chunks of a given size and returns every update. */
async function updatesOf(
  samples: Int16Array,
  chunkFrames: number,
  options: RecognizeOptions = { interimSeconds: 0 },
): Promise<RecognizedSegment[]> {
  const updates: RecognizedSegment[] = [];
  const stream = engine.openStream(options, (segment) => updates.push(segment));
  for (let at = 0; at < samples.length; at += chunkFrames) {
    stream.push(samples.subarray(at, at + chunkFrames));
  }
  await stream.finish();
  stream.close();
  return updates;
}

function finals(updates: readonly RecognizedSegment[]): RecognizedSegment[] {
  return updates.filter(({ final }) => final);
}

function textsOf(updates: readonly RecognizedSegment[]): string[] {
  return finals(updates).flatMap(({ words }) => words.map(({ text }) => text));
}

describe("the local engine", () => {
  it("hears the words of a recording of human speech", async () => {
    const { samples, words } = readRecording("reading");
    const heard = normalizeWords(textsOf(await updatesOf(samples, samples.length)));
    expect(countWordErrors(words, heard)).toBeLessThanOrEqual(3);
  });

  it("gives the same words and times however the audio is cut and however often it is drained", async () => {
    const { samples } = readRecording("reading-short");
    const whole = await updatesOf(samples, samples.length);
    const odd = await updatesOf(samples, 777);
    const live = await updatesOf(samples, 800, { interimSeconds: 0.5 });
    expect([finals(odd), finals(live)]).toEqual([finals(whole), finals(whole)]);
  });
});
