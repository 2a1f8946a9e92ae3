import { expect, test } from "vitest";
import type { RecognizedSegment } from "../../src/server/recognizer.ts";
import { createToneRecognizer } from "../../src/server/tones.ts";
import { createDice } from "../../src/server/faults/dice.ts";
import { SPEAKABLE, speakTones } from "../../src/server/tone-speech.ts";

async function hear(
  samples: Int16Array,
  cuts: () => number = () => 800,
  endpointSeconds = 1,
): Promise<RecognizedSegment[]> {
  const updates: RecognizedSegment[] = [];
  const stream = createToneRecognizer().openStream({ endpointSeconds }, (segment) =>
    updates.push(segment),
  );
  for (let at = 0; at < samples.length;) {
    const length = Math.max(1, cuts());
    stream.push(samples.subarray(at, at + length));
    at += length;
  }
  await stream.finish();
  return updates;
}

function finals(updates: readonly RecognizedSegment[]): RecognizedSegment[] {
  return updates.filter((segment) => segment.final);
}

function finalText(updates: readonly RecognizedSegment[]): string {
  return finals(updates)
    .flatMap((segment) => segment.words.map((word) => word.text))
    .join(" ");
}

test("every word is heard once, with its exact first and last frame", async () => {
  const speech = speakTones("Good morning, it's 9:30 | how are you? | fine");
  const heard = finals(await hear(speech.samples));
  const words = heard.flatMap((segment) =>
    segment.words.map(({ text, startFrame, endFrame }) => ({ text, startFrame, endFrame })),
  );
  expect(words).toEqual(speech.words);
});

test("every character can be spoken, and a pause of the endpoint ends a segment", async () => {
  const speech = speakTones(`${SPEAKABLE} | ABCDEFGHIJKLMNOPQRSTUVWXYZ`);
  const heard = finals(await hear(speech.samples));
  expect(heard.map((segment) => segment.words.map((word) => word.text).join(" "))).toEqual([
    SPEAKABLE,
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  ]);
});

test("how the audio is cut changes no update", async () => {
  const { samples } = speakTones("one two three | four five");
  const whole = await hear(samples, () => samples.length);
  const dice = createDice(7);
  expect(await hear(samples, () => 1)).toEqual(whole);
  expect(await hear(samples, () => Math.floor(dice() * 3000)), "seed 7").toEqual(whole);
});

test("interims come while a word is being said, are revised, and stay under the final's index", async () => {
  const updates = await hear(speakTones("transcription matters to everyone here").samples);
  expect(updates.length).toBeGreaterThan(2);
  expect(new Set(updates.map((segment) => segment.index))).toEqual(new Set([0]));
  expect(updates.map((segment) => segment.final).lastIndexOf(false)).toBe(updates.length - 2);
});

test("a word that was cut shows it, so that a lost or halved word cannot pass for a whole one", async () => {
  const { samples, words } = speakTones("whole broken");
  const middle = words[1]!.startFrame + 160 * 5;
  const [head, tail] = [samples.subarray(0, middle), samples.subarray(middle)];
  expect(finalText(await hear(head))).toBe("whole brok…");
  expect(finalText(await hear(tail))).toBe("…");
});

test("silence and noise say nothing", async () => {
  const dice = createDice(3);
  const noise = Int16Array.from({ length: 32_000 }, () => Math.round((dice() - 0.5) * 20_000));
  expect(await hear(noise), "seed 3").toEqual([]);
  expect(await hear(new Int16Array(48_000))).toEqual([]);
});

test("speech without a pause is still cut into segments of bounded length", async () => {
  const speech = speakTones(Array.from({ length: 80 }, (_unused, n) => `word${n}`).join(" "));
  const heard = finals(await hear(speech.samples));
  expect(heard.length).toBeGreaterThan(1);
  const longest = Math.max(...heard.map((segment) => segment.endFrame - segment.startFrame));
  expect(longest / 16_000).toBeLessThan(10.5);
  expect(heard.flatMap((segment) => segment.words).length).toBe(80);
});

test("an unknown language or one stream too many is refused in words", () => {
  const recognizer = createToneRecognizer({ maxStreams: 1 });
  expect(() => recognizer.openStream({ language: "de" }, () => {})).toThrow(/it knows en/u);
  const stream = recognizer.openStream({}, () => {});
  expect(() => recognizer.openStream({}, () => {})).toThrow(/limit/u);
  stream.close();
  expect(() => recognizer.openStream({}, () => {})).not.toThrow();
});

test("a character without a tone is a wrong call", () => {
  expect(() => speakTones("naïve")).toThrow(RangeError);
});
