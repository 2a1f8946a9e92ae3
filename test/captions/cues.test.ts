import { describe, expect, test } from "vitest";
import { toCues } from "../../src/captions/cues.ts";
import { PRESETS } from "../../src/captions/presets.ts";
import { textWidth } from "../../src/captions/graphemes.ts";
import { spoken, talk } from "./talk.ts";

const lines = (...parameters: Parameters<typeof toCues>): string[] =>
  toCues(...parameters).map((cue) => cue.lines.join(" / "));

const afterPause = (pause: number): string[] =>
  lines(talk(spoken("we waited", 0), spoken("and waited", 0.6 + pause)));

describe("where cues begin", () => {
  test("a sentence end starts a new cue", () => {
    const transcript = talk(spoken("It rained for a whole week. Nobody went out at all.", 0));
    expect(lines(transcript)).toEqual(["It rained for a whole week.", "Nobody went out at all."]);
  });

  test("a sentence too short to be read stays with its neighbor", () => {
    const transcript = talk(spoken("Yes. We went out as soon as it stopped.", 0));
    expect(lines(transcript)).toEqual(["Yes. We went out as soon as it stopped."]);
  });

  test("an abbreviation does not end a sentence", () => {
    const transcript = talk(spoken("We asked Dr. Jones about No. 7 again.", 0));
    expect(lines(transcript)).toEqual(["We asked Dr. Jones about No. 7 again."]);
  });

  test("a speaker change starts a new cue in mid-sentence", () => {
    const transcript = talk(
      spoken("and so we thought", 0, { speaker: "Anna" }),
      spoken("that it was over", 1.5, { speaker: "Ben" }),
    );
    expect(toCues(transcript).map((cue) => [cue.speaker, cue.lines[0]])).toEqual([
      ["Anna", "and so we thought"],
      ["Ben", "that it was over"],
    ]);
  });

  test("a pause of more than three seconds starts a new cue, a shorter one need not", () => {
    expect([afterPause(1), afterPause(3.1)]).toEqual([
      ["we waited and waited"],
      ["we waited", "and waited"],
    ]);
  });

  test("no words give no cues", () => {
    expect(toCues({ segments: [] })).toEqual([]);
  });
});

describe("where lines break", () => {
  test("text that fits on one line stays on one line", () => {
    const transcript = talk(spoken("Forty-two columns hold this text, exactly.", 0));
    expect(lines(transcript)).toEqual(["Forty-two columns hold this text, exactly."]);
  });

  test("a line breaks behind a comma and before a preposition, not after an article", () => {
    const transcript = talk(
      spoken("When the storm was finally over, the people came out to the street.", 0),
      spoken("They had been waiting for many hours in the cellar of a big school.", 20.4),
    );
    expect(lines(transcript)).toEqual([
      "When the storm was finally over, / the people came out to the street.",
      "They had been waiting for many hours / in the cellar of a big school.",
    ]);
  });

  test("a first name stays with its last name", () => {
    const transcript = talk(
      spoken("Everybody in this room has heard of Barbara Johnson before.", 0),
    );
    expect(lines(transcript)[0]).toMatch(/Barbara Johnson/u);
  });

  test("maxWordsPerLine and maxLineCount bound what a cue holds", () => {
    const transcript = talk(spoken("one two three four five six seven", 0));
    expect(lines(transcript, { maxWordsPerLine: 2, maxLineCount: 1 })).toEqual([
      "one two",
      "three four",
      "five six",
      "seven",
    ]);
  });

  test("a word wider than a line is cut between graphemes", () => {
    const word = "👩‍👩‍👧‍👦".repeat(30);
    const cues = toCues(talk(spoken(word, 0, { pace: 4 })));
    const shown = cues.flatMap((cue) => cue.lines);
    expect([shown.join("") === word, shown.every((line) => textWidth(line) <= 42)]).toEqual([
      true,
      true,
    ]);
  });
});

describe("how long cues stay", () => {
  test("a short cue is held for the least duration where there is room", () => {
    const [cue] = toCues(talk(spoken("Yes.", 2), spoken("It is late now.", 9)));
    expect(cue).toMatchObject({ start: 2, end: 2 + PRESETS.netflix.minDurationSeconds });
  });

  test("a fast cue is held until it can be read", () => {
    const [cue] = toCues(talk(spoken("Thirty-eight columns are spoken at once", 0, { pace: 0.1 })));
    expect(cue?.end).toBeCloseTo(39 / 20, 6);
  });

  test("two frames stay empty before the next cue, and a shorter gap is closed down to them", () => {
    const [cue] = toCues(talk(spoken("It was raining then.", 0), spoken("Nobody went out.", 1.5)));
    expect(cue?.end).toBeCloseTo(1.5 - 2 / 24, 6);
  });

  test("a cue that cannot stay long enough says so", () => {
    const fast = talk(
      spoken("an incomprehensible sentence of unpronounceable words", 0, {
        pace: 0.1,
        speaker: "Anna",
      }),
      spoken("Stop.", 0.7, { speaker: "Ben" }),
    );
    expect(toCues(fast)[0]?.broken?.map(({ limit }) => limit)).toEqual([
      "min-duration",
      "reading-speed",
    ]);
  });

  test("who is talked over stays readable under the other, and says so", () => {
    const [cue] = toCues(
      talk(
        spoken("Nobody had expected them so soon, to be honest.", 0, { speaker: "Anna" }),
        spoken("And nobody was glad.", 0.6, { speaker: "Ben" }),
      ),
    );
    expect(cue).toMatchObject({ start: 0, broken: [{ limit: "overlap" }] });
    expect(cue?.end).toBeCloseTo(2.7, 6);
  });

  test("two speakers at the same moment both get a cue, and the overlap is stated", () => {
    const cues = toCues(
      talk(spoken("Hello there.", 0, { speaker: "A" }), spoken("Hi.", 0, { speaker: "B" })),
    );
    expect(cues.map((cue) => cue.end > cue.start && cue.start >= 0)).toEqual([true, true]);
    expect(cues[0]?.broken?.map(({ limit }) => limit)).toContain("overlap");
  });
});

describe("wrong calls", () => {
  test("an unknown preset and an impossible limit are refused", () => {
    const empty = { segments: [] };
    expect(() => toCues(empty, { preset: "vhs" as "bbc" })).toThrow(
      "preset must be one of netflix, bbc",
    );
    expect(() => toCues(empty, { maxLineWidth: 0 })).toThrow(
      "maxLineWidth must be a whole number from 1, got 0",
    );
    expect(() => toCues(empty, { gapSeconds: Number.NaN })).toThrow(RangeError);
  });
});
