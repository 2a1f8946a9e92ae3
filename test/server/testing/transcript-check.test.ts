import { expect, test } from "vitest";
import { assertTranscript, compareTranscript, speakTones } from "../../../src/server/testing.ts";

const { words } = speakTones("no no no it is mine");
const right = words.map((word) => ({ text: word.text, start: word.startFrame / 16_000 }));

test("the very words at their times pass", () => {
  expect(() => assertTranscript(right, words)).not.toThrow();
  expect(compareTranscript(right, words).errorRate).toBe(0);
});

test("a lost, a doubled and a cut word are named", () => {
  const lost = right.filter((_word, n) => n !== 4);
  const doubled = [...right, right.at(-1)!];
  const cut = right.with(3, { text: "i…", start: right[3]!.start });
  expect(compareTranscript(lost, words).missing).toEqual(["is"]);
  expect(compareTranscript(doubled, words).extra).toEqual(["mine"]);
  expect(compareTranscript(cut, words)).toMatchObject({ missing: ["it"], extra: ["i…"] });
  expect(() => assertTranscript(lost, words)).toThrow("missing: is");
});

test("a word at the wrong time is named with how much it is off", () => {
  const late = right.map((word) => ({ ...word, start: word.start + 0.1 }));
  expect(() => assertTranscript(late, words)).toThrow("mine by 0.1000 s");
  expect(() => assertTranscript(late, words, { toleranceSeconds: 0.2 })).not.toThrow();
});

test("words of a reported gap can be left out", () => {
  const gap = right.slice(0, 4);
  const from = words[4]!.startFrame;
  expect(() =>
    assertTranscript(gap, words, { except: (word) => word.startFrame >= from }),
  ).not.toThrow();
});
