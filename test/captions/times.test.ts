import { describe, expect, test } from "vitest";
import { toCues } from "../../src/captions/cues.ts";
import { timeWords, type UntimedWord } from "../../src/captions/times.ts";
import type { Segment } from "../../src/transcript.ts";

const span = { start: 10, end: 14 };
const words = (...times: readonly (readonly [number?, number?])[]): UntimedWord[] =>
  times.map(([start, end]) => ({ text: "four", start, end }));

const starts = (of: readonly UntimedWord[]): number[] =>
  timeWords(of, span, true).map(({ start }) => Number(start.toFixed(3)));
const estimated = (of: readonly UntimedWord[]): boolean[] =>
  timeWords(of, span, true).map((timed) => timed.estimated);

describe("times that can be believed stay", () => {
  test("good times are untouched", () => {
    const good = words([10, 11], [11, 12.5], [13, 14]);
    expect(timeWords(good, span, true)).toEqual([
      { start: 10, end: 11, estimated: false },
      { start: 11, end: 12.5, estimated: false },
      { start: 13, end: 14, estimated: false },
    ]);
  });

  test("an end that reaches into the next word is cut there", () => {
    expect(timeWords(words([10, 12], [11, 13]), span, true)[0]?.end).toBe(11);
  });
});

describe("times that cannot be believed are spread and marked", () => {
  test("no times at all", () => {
    const none = words([], [], [], []);
    expect([starts(none), estimated(none)]).toEqual([
      [10, 11, 12, 13],
      [true, true, true, true],
    ]);
  });

  test("all words at the start of the segment, as mms_fa returns them (P8, S12)", () => {
    expect(starts(words([10, 10], [10, 10], [10, 10], [10, 10]))).toEqual([10, 11, 12, 13]);
  });

  test("all words far behind their segment, as tdnn_ffn returns them (P9, S13)", () => {
    expect(starts(words([28, 29], [29, 30], [30, 31], [31, 32]))).toEqual([10, 11, 12, 13]);
  });

  test("one word out of order is put between its neighbors (U14)", () => {
    const one = words([10, 11], [19, 20], [12, 13], [13, 14]);
    expect([starts(one), estimated(one)]).toEqual([
      [10, 11, 12, 13],
      [false, true, false, false],
    ]);
  });

  test("a zero-length word lasts until it would have been said, or the next one", () => {
    const [first] = timeWords(words([10, 10], [10.1, 11]), span, true);
    expect(first).toEqual({ start: 10, end: 10.1, estimated: true });
  });

  test("half of a pair is kept (U5)", () => {
    expect(starts(words([10], [12.5], [13]))).toEqual([10, 12.5, 13]);
  });
});

const segment = (over: Partial<Segment>): Segment => ({ id: "0", text: "", words: [], ...over });

describe("segments that tell little", () => {
  test("a minute-long segment without words becomes cues of readable length (P11)", () => {
    const text = Array.from({ length: 30 }, (_, index) => `Sentence number ${index} is here.`).join(
      " ",
    );
    const cues = toCues({ segments: [segment({ text, start: 0, end: 60 })] });
    expect([
      cues.length,
      cues.every((cue) => cue.estimated === true && cue.end - cue.start <= 7),
    ]).toEqual([30, true]);
  });

  test("a segment of no length takes the time that saying it takes (P8)", () => {
    const cues = toCues({
      segments: [
        segment({ text: "Fifteen columns", start: 5, end: 5 }),
        segment({ text: "more", start: 20, end: 21 }),
      ],
    });
    expect(cues[0]).toMatchObject({ start: 5, end: 5 + 14 / 15, estimated: true });
  });

  test("words without punctuation get that of the segment's text", () => {
    const bare = [{ text: "well" }, { text: "hello" }, { text: "world" }];
    const cues = toCues({
      segments: [segment({ text: "“Well … hello, world!”", words: bare, start: 0, end: 3 })],
    });
    expect(cues[0]?.lines).toEqual(["“well … hello, world!”"]);
  });

  test("a word without a speaker takes the nearer neighbor's and says so (P12)", () => {
    const spoken = [
      { text: "one", start: 0, end: 1, speaker: "A" },
      { text: "two", start: 1.1, end: 2 },
      { text: "three", start: 4, end: 5, speaker: "B" },
    ];
    const cues = toCues({
      segments: [segment({ text: "one two three", words: spoken, start: 0, end: 5 })],
    });
    expect(
      cues.map((cue) => cue.words?.map((word) => [word.text, word.speaker, word.speakerInferred])),
    ).toEqual([
      [
        ["one", "A", undefined],
        ["two", "A", true],
      ],
      [["three", "B", undefined]],
    ]);
  });

  test("a word list in the wrong order is sorted where the text agrees (S14)", () => {
    const shuffled = [
      { text: "world", start: 1, end: 2 },
      { text: "hello", start: 0, end: 1 },
    ];
    const cues = toCues({
      segments: [segment({ text: "hello world", words: shuffled, start: 0, end: 2 })],
    });
    expect(cues[0]?.lines).toEqual(["hello world"]);
  });
});
