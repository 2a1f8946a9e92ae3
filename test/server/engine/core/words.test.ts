import { describe, expect, it } from "vitest";
import { cutLoops } from "../../../../src/server/engine/core/loop-guard.ts";
import { guessPronunciation } from "../../../../src/server/engine/core/pronounce.ts";
import { spellOut } from "../../../../src/server/engine/core/spell.ts";
import { spreadTimes } from "../../../../src/server/engine/core/spread.ts";

describe("cutLoops", () => {
  it("keeps what a person can say", () => {
    const said = "no no no I said no no no".split(" ");
    expect(cutLoops(said, 2)).toEqual(said);
  });

  it("cuts a loop that nobody could say in that time to one round", () => {
    const looped = ["Well,", ...Array.from({ length: 30 }, () => ["one", "two,"]).flat(), "done."];
    expect(cutLoops(looped, 4)).toEqual(["Well,", "one", "two,", "done."]);
  });

  it.each([
    ["And Mr. John, Mr. John, Mr. John, Mr", 1, "And Mr. John,"],
    ["And Mr. John Dad, Mr. John Dad, Mr. John Dad", 1.25, "And Mr. John Dad,"],
    ["to John to John to John", 0.5, "to John"],
    ["Not not not not not not", 0.5, "Not"],
    ["Enter an enter enter enter enter", 0.5, "Enter an enter"],
    [`young ${"man, ".repeat(10)}ma`, 1.5, "young man,"],
    [
      "Are about to enter and enter and enter and enter and enter and enter",
      1,
      "Are about to enter and",
    ],
    [
      `About to enter an echo test ${"in this ".repeat(16)}`.trim(),
      2.5,
      "About to enter an echo test in this",
    ],
  ])("cuts %s, heard in %f s", (heard, seconds, kept) => {
    expect(cutLoops(heard.split(" "), seconds).join(" ")).toBe(kept);
  });

  it.each([
    ["No, no, no, no.", 0.7],
    ["Four two four two, four two four two, four two four two, four two four two", 3],
    ["4242 4242 4242 4242", 3],
    ["five five five one two three, five five five one two three", 2],
    ["Mr. John, Mr. John, Mr. John!", 1.5],
  ])("keeps %s, said in %f s", (said, seconds) => {
    expect(cutLoops(said.split(" "), seconds).join(" ")).toBe(said);
  });

  it("keeps as many rounds as fit when a few are too many", () => {
    const heard = Array.from({ length: 9 }, () => "no");
    expect(cutLoops(["Oh", ...heard, "please"], 1.5)).toEqual(["Oh", ...heard.slice(2), "please"]);
  });

  it("leaves fast speech without repetition alone", () => {
    const words = Array.from({ length: 60 }, (_, index) => `word${index}`);
    expect(cutLoops(words, 1)).toEqual(words);
  });

  it("sees through letter case and punctuation", () => {
    expect(
      cutLoops(
        Array.from("yYyYyYyYyYyYyYyY", (y) => `${y}es,`),
        0.5,
      ),
    ).toEqual(["yes,"]);
  });
});

describe("spellOut", () => {
  it.each([
    ["Dashwood,", "dashwood"],
    ["ill-disposed", "ill disposed"],
    ["don’t", "don't"],
    ["1984", "nineteen eighty four"],
    ["2007.", "two thousand seven"],
    ["1,250", "one thousand two hundred fifty"],
    ["555123", "five five five one two three"],
    ["3.14", "three point one four"],
    ["21st", "twenty first"],
    ["20th", "twentieth"],
    ["$5", "five dollars"],
    ["50%", "fifty percent"],
    ["AT&T", "at and t"],
    ["café", "cafe"],
    ["—", ""],
  ])("reads %s as “%s”", (written, said) => {
    expect(spellOut(written).join(" ")).toBe(said);
  });
});

describe("guessPronunciation", () => {
  it("reads letters as phones, with common pairs as one", () => {
    expect([
      guessPronunciation("quzzshay"),
      guessPronunciation("bake"),
      guessPronunciation("'"),
    ]).toEqual(["K W Z SH EY", "B AE K", undefined]);
  });
});

describe("spreadTimes", () => {
  it("shares the room by letters and marks it estimated when nothing was heard", () => {
    expect(spreadTimes([{ text: "a" }, { text: "bcd" }], 1_000, 1_600)).toEqual([
      { text: "a", startFrame: 1_000, endFrame: 1_200, estimated: true },
      { text: "bcd", startFrame: 1_200, endFrame: 1_600, estimated: true },
    ]);
  });

  it("keeps what was heard and puts the rest between its neighbors", () => {
    const words = [
      { text: "one", startFrame: 100, endFrame: 200 },
      { text: "two" },
      { text: "three", startFrame: 300, endFrame: 400, guessed: true },
    ];
    expect(spreadTimes(words, 0, 500)).toEqual([
      { text: "one", startFrame: 100, endFrame: 200 },
      { text: "two", startFrame: 200, endFrame: 300, estimated: true },
      { text: "three", startFrame: 300, endFrame: 400, estimated: true },
    ]);
  });

  it("keeps spans in order and inside the bounds", () => {
    const words = [
      { text: "one", startFrame: 50, endFrame: 300 },
      { text: "two", startFrame: 200, endFrame: 900 },
    ];
    expect(spreadTimes(words, 100, 500)).toEqual([
      { text: "one", startFrame: 100, endFrame: 300 },
      { text: "two", startFrame: 300, endFrame: 500 },
    ]);
  });
});
