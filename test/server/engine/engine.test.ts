import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEngine } from "../../../src/server/engine/engine.ts";
import type {
  RecognizedSegment,
  RecognizeOptions,
  Recognizer,
  RecognizerStream,
} from "../../../src/server/recognizer.ts";
import { countWordErrors, normalizeWords, readRecording } from "./recording.ts";

let engine: Recognizer;

beforeAll(async () => {
  engine = await openEngine({ model: "base", maxStreams: 4, maxBehindSeconds: 60 });
  await engine.ready();
}, 300_000);

afterAll(async () => {
  await engine.close();
});

const FILE = { interimSeconds: 0 };

/** Streams the samples in chunks of a given size and returns every update. */
async function updatesOf(
  samples: Int16Array,
  chunkFrames = samples.length,
  options: RecognizeOptions = FILE,
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

function opening(options: RecognizeOptions): () => RecognizerStream {
  return () => engine.openStream(options, () => undefined);
}

function finals(updates: readonly RecognizedSegment[]): RecognizedSegment[] {
  return updates.filter(({ final }) => final);
}

function textsOf(updates: readonly RecognizedSegment[]): string[] {
  return finals(updates).flatMap(({ words }) => words.map(({ text }) => text));
}

/** Numbers that look random and are the same each time. */
function makeNoise(frames: number, level: number, seed: number): Int16Array {
  let state = seed;
  return Int16Array.from({ length: frames }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round((state / 2 ** 32 - 0.5) * 2 * level);
  });
}

describe("the local engine", () => {
  it("hears the words of a recording of human speech, with times that were heard", async () => {
    const { samples, words } = readRecording("reading");
    const updates = await updatesOf(samples);
    const spans = finals(updates).flatMap((segment) => segment.words);
    const ordered = spans.every(({ startFrame = -1, endFrame = -1 }, index) => {
      const before = spans[index - 1]?.endFrame ?? 0;
      return before <= startFrame && startFrame <= endFrame && endFrame <= samples.length;
    });
    const estimated = spans.filter((word) => word.estimated === true).length;
    const errors = countWordErrors(words, normalizeWords(textsOf(updates)));
    expect({ few: errors <= 2, ordered, estimated }).toEqual({
      few: true,
      ordered: true,
      estimated: 0,
    });
  });

  it("gives the same finals however the audio is cut, with interims or without, drained or not", async () => {
    const { samples } = readRecording("card-three");
    const whole = finals(await updatesOf(samples));
    const odd = finals(await updatesOf(samples, 777));
    const live = finals(await updatesOf(samples, 800, { interimSeconds: 0.5 }));
    expect([odd, live]).toEqual([whole, whole]);
  });

  it("keeps streams apart that run at the same time", async () => {
    const names = ["card-one", "card-two", "card-three"];
    const alone: string[][] = [];
    for (const name of names) alone.push(textsOf(await updatesOf(readRecording(name).samples)));
    const together = await Promise.all(
      names.map(async (name) => textsOf(await updatesOf(readRecording(name).samples, 1_600))),
    );
    expect(together).toEqual(alone);
  });

  it("has reported all speech before a drain resolves, as an interim where it is not over", async () => {
    const { samples } = readRecording("reading-short");
    const updates: RecognizedSegment[] = [];
    const options = { interimSeconds: 0.5 };
    const stream = engine.openStream(options, (segment) => updates.push(segment));
    stream.push(samples.subarray(0, 32_000));
    await stream.drain();
    const drained = updates.at(-1);
    stream.close();
    expect({ final: drained?.final, covers: (drained?.endFrame ?? 0) >= 31_000 }).toEqual({
      final: false,
      covers: true,
    });
  });

  it("calls the last words final when the silence is as long as asked for (W16)", async () => {
    const { samples } = readRecording("card-one");
    const updates: RecognizedSegment[] = [];
    const options = { interimSeconds: 0.5, endpointSeconds: 1.5 };
    const stream = engine.openStream(options, (segment) => updates.push(segment));
    stream.push(samples);
    stream.push(new Int16Array(16_000));
    await stream.drain();
    const early = updates.at(-1)?.final;
    stream.push(new Int16Array(16_000));
    await stream.drain();
    const late = updates.at(-1)?.final;
    stream.close();
    expect([early, late]).toEqual([false, true]);
  });

  it.each([
    ["digital silence", new Int16Array(48_000)],
    ["faint noise", makeNoise(48_000, 60, 1)],
    ["loud noise", makeNoise(48_000, 8_000, 2)],
    [
      "a tone",
      Int16Array.from({ length: 48_000 }, (_, at) => Math.round(9_000 * Math.sin(at * 0.17))),
    ],
  ])("hears nothing in %s", async (_name, samples) => {
    expect(await updatesOf(samples, 800, { interimSeconds: 0.5 })).toEqual([]);
  });

  it("begins a new segment when audio follows the end", async () => {
    const { samples } = readRecording("card-one");
    const updates: RecognizedSegment[] = [];
    const stream = engine.openStream(FILE, (segment) => updates.push(segment));
    stream.push(samples);
    await stream.finish();
    stream.push(samples);
    await stream.finish();
    stream.close();
    const [first, second] = updates;
    expect([first?.words.length, second?.words.length, second?.index]).toEqual([3, 3, 1]);
    expect(second?.startFrame).toBeGreaterThanOrEqual(samples.length);
  });

  it("refuses a language and a model that it does not have", () => {
    expect(opening({ language: "de" })).toThrow(expect.objectContaining({ code: "unsupported" }));
    expect(opening({ model: "whisper-v3" })).toThrow(
      expect.objectContaining({ code: "unsupported" }),
    );
    expect(opening({ endpointSeconds: -1 })).toThrow(RangeError);
  });

  it("refuses a stream more than it was opened for, and has room again when one is closed", () => {
    const streams = [1, 2, 3, 4].map(opening(FILE));
    expect(opening(FILE)).toThrow(expect.objectContaining({ code: "quota" }));
    streams[0]?.close();
    streams[0] = opening(FILE)();
    for (const stream of streams) stream.close();
  });

  it("refuses audio when a stream is too far ahead, and reports how busy it is", async () => {
    const stream = engine.openStream(FILE, () => undefined);
    const minute = new Int16Array(60 * 16_000);
    stream.push(minute);
    expect(() => {
      stream.push(minute);
    }).toThrow(expect.objectContaining({ code: "quota" }));
    expect(engine.load().behindSeconds).toBeGreaterThan(50);
    await stream.drain();
    expect(stream.behindSeconds()).toBeLessThan(0.1);
    stream.close();
  });

  it("delivers nothing after close, and lets finish fail", async () => {
    const { samples } = readRecording("card-one");
    const updates: RecognizedSegment[] = [];
    const stream = engine.openStream({ interimSeconds: 0.1 }, (segment) => updates.push(segment));
    stream.push(samples);
    const finished = stream.finish();
    stream.close();
    stream.close();
    await expect(finished).rejects.toMatchObject({ code: "recognizer" });
    expect(updates).toEqual([]);
  });
});
