import { describe, expect, test } from "vitest";
import type { Cue } from "../../src/captions/cue.ts";
import { writeSrt } from "../../src/captions/srt.ts";
import { writeText } from "../../src/captions/text.ts";
import { writeVtt } from "../../src/captions/vtt.ts";
import { spoken, talk } from "./talk.ts";

const cue = (start: number, end: number, ...lines: string[]): Cue => ({ start, end, lines });

const said = (speaker: string, start: number): Cue => ({
  ...cue(start, start + 1, "hm"),
  speaker,
});

describe("SRT", () => {
  test("cues are numbered, hours are always there, the mark is a comma", () => {
    expect(writeSrt([cue(0, 1.5, "one"), cue(3600.25, 360_000, "two", "lines")])).toBe(
      "1\n00:00:00,000 --> 00:00:01,500\none\n\n2\n01:00:00,250 --> 100:00:00,000\ntwo\nlines\n\n",
    );
  });

  test("a speaker is named where the speaker changes", () => {
    expect(writeSrt([said("A", 0), said("A", 1), said("B", 2)])).toBe(
      "1\n00:00:00,000 --> 00:00:01,000\nA: hm\n\n2\n00:00:01,000 --> 00:00:02,000\nhm\n\n3\n00:00:02,000 --> 00:00:03,000\nB: hm\n\n",
    );
  });

  test("arrows, blank lines, and line breaks inside a line cannot end the cue", () => {
    expect(writeSrt([cue(0, 1, "a ---> b", "", "c\n\n2\n00:00:05,000 --> 00:00:06,000")])).toBe(
      "1\n00:00:00,000 --> 00:00:01,000\na -> b\nc\n2\n00:00:05,000 -> 00:00:06,000\n\n",
    );
  });

  test("times are whole milliseconds, starts never fall, every cue ends after it starts", () => {
    expect(writeSrt([cue(1.0004, 1.0001, "a"), cue(0.5, 0.9996, "b"), cue(2, 3, " ")])).toBe(
      "1\n00:00:01,000 --> 00:00:01,001\na\n\n2\n00:00:01,000 --> 00:00:01,001\nb\n\n",
    );
  });
});

describe("WebVTT", () => {
  test("hours come only from one hour on, markup is escaped, voices are marked", () => {
    const cues: Cue[] = [
      { ...cue(0, 1.5, "a < b & c > d"), speaker: "A & <B>" },
      cue(3599.9996, 3601, "two"),
    ];
    expect(writeVtt(cues)).toBe(
      "WEBVTT\n\n00:00.000 --> 00:01.500\n<v A ＆ ‹B›>a &lt; b &amp; c &gt; d\n\n01:00:00.000 --> 01:00:01.000\ntwo\n\n",
    );
  });
});

describe("text", () => {
  test("one line for each segment, speakers where they change", () => {
    const transcript = talk(
      spoken("It is late.", 0, { speaker: "Anna" }),
      spoken("So it is.", 61, { speaker: "Ben" }),
      spoken("Good night.", 63, { speaker: "Ben" }),
    );
    expect(writeText(transcript)).toBe("Anna: It is late.\nBen: So it is.\nGood night.\n");
    expect(writeText(transcript, { speakers: false, times: true })).toBe(
      "[00:00:00.000] It is late.\n[00:01:01.000] So it is.\n[00:01:03.000] Good night.\n",
    );
  });
});
