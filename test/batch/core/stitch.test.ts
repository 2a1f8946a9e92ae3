import { expect, test } from "vitest";
import { splitAtPauses } from "../../../src/batch/core/split.ts";
import { type PartTranscript, stitch } from "../../../src/batch/core/stitch.ts";
import type { Segment, Word } from "../../../src/transcript.ts";
import { seeded } from "../random.ts";

function word(text: string, start: number, end: number): Word {
  return { text, start, end };
}

function part(
  words: readonly Word[],
  startSeconds: number,
  endSeconds: number,
  cutSeconds: number,
): PartTranscript {
  const shifted = words.map((one) => ({
    ...one,
    start: one.start! - startSeconds,
    end: one.end! - startSeconds,
  }));
  const segment: Segment = {
    id: "0",
    text: words.map((one) => one.text).join(" "),
    start: shifted[0]?.start,
    end: shifted.at(-1)?.end,
    words: shifted,
  };
  return { segments: words.length === 0 ? [] : [segment], startSeconds, endSeconds, cutSeconds };
}

const bare = (text: string, start: number, end: number): Segment => ({
  id: text,
  text,
  start,
  end,
  words: [],
});

const spoken = (start: number): PartTranscript => ({
  segments: [
    {
      id: "0",
      text: "hi",
      start: 1,
      end: 2,
      speaker: "0",
      words: [{ text: "hi", start: 1, end: 2, speaker: "0" }],
    },
  ],
  startSeconds: start,
  endSeconds: start + 10,
  cutSeconds: start,
});

const texts = (segments: readonly Segment[]): string =>
  segments.flatMap((segment) => segment.words.map((one) => one.text)).join(" ");

test("a word that straddles the cut is there once, whichever part places it where", () => {
  for (const [one, other] of [
    [9.9, 10.2],
    [10.2, 9.9],
    [9.8, 9.9],
    [10.1, 10.3],
  ] as const) {
    const left = part([word("so", 8.5, 9), word("far", one - 0.2, one + 0.2)], 0, 12, 0);
    const right = part([word("far", other - 0.2, other + 0.2), word("away", 11, 12)], 8, 20, 10);
    expect(texts(stitch([left, right]))).toBe("so far away");
  }
});

test("repeated words are matched by time, not by text alone", () => {
  const nos = [8.6, 9.2, 9.8, 10.4, 11].map((at) => word("no", at, at + 0.3));
  const left = part([word("oh", 7, 7.5), ...nos], 0, 12, 0);
  const right = part([...nos, word("never", 13, 14)], 8, 20, 10);
  expect(texts(stitch([left, right]))).toBe("oh no no no no no never");
});

test("a word cut in half at a part's edge is taken from the other part", () => {
  const left = part([word("hello", 9, 9.4), word("wor", 11.8, 12)], 0, 12, 0);
  const right = part(
    [word("lo", 8, 8.2), word("hello", 9, 9.4), word("world", 11.8, 12.3)],
    8,
    20,
    10,
  );
  expect(texts(stitch([left, right]))).toBe("hello world");
});

test("without a shared word the cut itself decides", () => {
  const left = part([word("one", 9, 9.4), word("tuh", 10.5, 11)], 0, 12, 0);
  const right = part([word("wan", 9, 9.4), word("two", 10.5, 11)], 8, 20, 10);
  expect(texts(stitch([left, right]))).toBe("one two");
});

test("segments without word times go with their middle", () => {
  const left = {
    segments: [bare("a", 0, 9), bare("b", 10.5, 12)],
    startSeconds: 0,
    endSeconds: 12,
    cutSeconds: 0,
  };
  const right = {
    segments: [bare("a", 0, 1), bare("b", 2.5, 6)],
    startSeconds: 8,
    endSeconds: 20,
    cutSeconds: 10,
  };
  expect(stitch([left, right]).map((one) => [one.id, one.start, one.end])).toEqual([
    ["1:a", 0, 9],
    ["2:b", 10.5, 14],
  ]);
});

test("P4: speakers of different parts stay apart; one part alone stays as it is", () => {
  expect([
    stitch([spoken(0), spoken(8)]).map((one) => [
      one.id,
      one.speaker,
      one.words[0]?.speaker,
      one.start,
    ]),
    stitch([spoken(0)]).map((one) => [one.id, one.speaker]),
  ]).toEqual([
    [
      ["1:0", "1:0", "1:0", 1],
      ["2:0", "2:0", "2:0", 9],
    ],
    [["0", "0"]],
  ]);
});

test("cuts fall into pauses, parts keep to their length and follow each other without a hole", () => {
  const bad: unknown[] = [];
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seeded(seed);
    const seconds = 20 + Math.floor(random() * 300);
    const rate = 1000;
    const levels = new Float32Array(seconds * 20).fill(1);
    for (
      let at = Math.floor(random() * 40);
      at < levels.length;
      at += 40 + Math.floor(random() * 60)
    ) {
      levels.fill(0, at, at + 16);
    }
    const options = { maxFrames: 30 * rate, overlapFrames: 2 * rate, levelFrames: rate / 20 };
    const parts = splitAtPauses(levels, seconds * rate, options);
    const sound = parts.every((one, index) => {
      const next = parts[index + 1];
      const last = next === undefined;
      return (
        one.toFrame - one.fromFrame <= options.maxFrames &&
        one.fromFrame === Math.max(0, one.cutFrame - options.overlapFrames) &&
        (last
          ? one.toFrame === seconds * rate
          : one.toFrame === next.cutFrame + options.overlapFrames) &&
        (last || levels[Math.floor(next.cutFrame / options.levelFrames)] === 0)
      );
    });
    if (!sound) bad.push({ seed, parts });
  }
  expect(bad).toEqual([]);
});

test("a part that could hold only its overlaps is refused", () => {
  const options = { maxFrames: 10, overlapFrames: 5, levelFrames: 1 };
  expect(() => splitAtPauses([], 100, options)).toThrow(
    "Cannot split: maxFrames must be at least 20",
  );
});

test("whatever is said, however parts are cut: every word once, in order (1000 seeds)", () => {
  const vocabulary = ["no", "yes", "five", "five", "six", "the", "a"];
  const bad: unknown[] = [];
  for (let seed = 1; seed <= 1000; seed += 1) {
    const random = seeded(seed);
    const said: Word[] = [];
    for (let at = random(); at < 120; at += 0.25 + random() * 0.6 + (random() < 0.1 ? 3 : 0)) {
      const text = vocabulary[Math.floor(random() * vocabulary.length)]!;
      said.push(word(text, at, at + 0.2));
    }
    const cuts = [0, 25 + random() * 10, 60 + random() * 10, 90 + random() * 10];
    const parts = cuts.map((cut, index) => {
      const from = Math.max(0, cut - 2);
      const to = index + 1 < cuts.length ? cuts[index + 1]! + 2 : 125;
      const heard = said
        .filter((one) => one.end! > from && one.start! < to)
        .map((one) => {
          const jitter = (random() - 0.5) * 0.1;
          const torn = one.start! < from || one.end! > to;
          const start = Math.max(from, one.start! + jitter);
          return word(
            torn ? "mm" : one.text,
            start,
            Math.max(start, Math.min(to, one.end! + jitter)),
          );
        });
      return part(heard, from, to, cut);
    });
    const got = texts(stitch(parts));
    const want = said.map((one) => one.text).join(" ");
    if (got !== want) bad.push({ seed, got, want });
  }
  expect(bad.slice(0, 2)).toEqual([]);
});
