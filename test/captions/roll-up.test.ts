import { describe, expect, test } from "vitest";
import validator from "webvtt-parser";
import { formats } from "../../src/captions/formats.ts";
import { graphemeWidth, graphemes } from "../../src/captions/graphemes.ts";
import { readSrt, readVtt } from "../../src/captions/read.ts";
import { RollUp } from "../../src/captions/roll-up.ts";
import { createCueSink } from "../../src/captions/sink.ts";
import type { Segment, Transcript } from "../../src/transcript.ts";
import { generateTranscript } from "./generate.ts";

/** A word each half second from `start`. */
function said(text: string, start: number, speaker?: string): Segment {
  const words = text.split(" ").map((word, i) => ({
    text: word,
    start: start + i / 2,
    end: start + i / 2 + 0.4,
    ...(speaker === undefined ? {} : { speaker }),
  }));
  const end = words.at(-1)?.end ?? start;
  return { id: `${start}`, text, start, end, words, ...(speaker === undefined ? {} : { speaker }) };
}

const roll = (transcript: Transcript, rollUp: number, width = 12) =>
  readSrt(formats.srt.write(transcript, { preset: "cea608", maxLineWidth: width, rollUp }));

const width = (line: string): number =>
  graphemes(line).reduce((sum, one) => sum + graphemeWidth(one), 0);

const bare = (text: string): string => graphemes(text.replaceAll(/\s/gu, "")).toSorted().join("");

describe("captions that roll up", () => {
  test("bring one line at a time, and push the ones before it up", () => {
    const talk = { segments: [said("one two three four five six seven eight", 0)] };
    expect(roll(talk, 2).map(({ lines }) => lines)).toEqual([
      ["one two"],
      ["one two", "three four"],
      ["three four", "five six"],
      ["five six", "seven eight"],
    ]);
  });

  test("bring each line with its first word, and leave no hole between lines", () => {
    const cues = roll({ segments: [said("one two three four five six", 1)] }, 3);
    expect(cues.map(({ start, end }) => [start, end])).toEqual([
      [1, 2],
      [2, 3],
      [3, 3.9],
    ]);
  });

  test("begin with an empty screen after a pause, and not before", () => {
    const talk = { segments: [said("first line", 0), said("second line", 3), said("third", 8)] };
    expect(roll(talk, 3).map(({ lines }) => lines)).toEqual([
      ["first line"],
      ["first line", "second line"],
      ["third"],
    ]);
  });

  test("say that somebody else speaks, where several do", () => {
    const two = { segments: [said("good day", 0, "Anna"), said("and you", 1.5, "Bob")] };
    expect(roll(two, 2).at(-1)?.lines).toEqual([">> good day", ">> and you"]);
    expect(roll({ segments: [said("good day", 0, "Anna")] }, 2).at(-1)?.lines).toEqual([
      "good day",
    ]);
  });

  test.each([1, 5, 2.5, Number.NaN])("are not of %d lines", (lines) => {
    expect(() => new RollUp(lines, 3, false)).toThrow(/rollUp must be 2, 3 or 4 lines/u);
  });

  test("are not laid out as whisper does", () => {
    expect(() => formats.srt.write({ segments: [] }, { preset: "whisper", rollUp: 2 })).toThrow(
      RangeError,
    );
  });

  test("grow as people speak, with the lines of what was said before", () => {
    const sink = createCueSink("srt", {
      preset: "cea608",
      maxLineWidth: 12,
      rollUp: 2,
      speakers: false,
    });
    let text = sink.header;
    for (const { words } of [said("one two", 0), said("three four", 1)]) text += sink.push(words);
    text += sink.flush();
    expect(readSrt(text).map(({ lines }) => lines)).toEqual([
      ["one two"],
      ["one two", "three four"],
    ]);
  });

  test("keep 32 columns, the lines, the order and every word, over 100 transcripts", () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= 100; seed++) {
      const lines = 2 + (seed % 3);
      const options = { preset: "cea608", rollUp: lines } as const;
      const text = formats.vtt.write(generateTranscript(seed), options);
      const cues = readVtt(text);
      if (new validator.WebVTTParser().parse(text, "captions").errors.length > 0) {
        wrong.push(`${seed}: invalid`);
      }
      if (cues.some((cue) => cue.lines.length > lines)) wrong.push(`${seed}: lines`);
      if (cues.some((cue) => cue.lines.some((line) => width(line) > 32)))
        wrong.push(`${seed}: wide`);
      const bottom = cues.map((cue) => cue.lines.at(-1)?.replace(/^>> /u, "") ?? "").join("");
      const block = readVtt(formats.vtt.write(generateTranscript(seed), { preset: "cea608" }));
      // People who speak at once are cut apart elsewhere: the same letters, in another order.
      if (bare(bottom) !== bare(block.flatMap((cue) => cue.lines).join("")))
        wrong.push(`${seed}: words`);
    }
    expect(wrong).toEqual([]);
  });
});
