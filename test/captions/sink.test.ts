import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSrt, readVtt } from "../../src/captions/read.ts";
import { createCueSink, SINK_FORMATS, type SinkFormat } from "../../src/captions/sink.ts";
import type { Word } from "../../src/transcript.ts";
import { spoken } from "./talk.ts";

const finals = [
  spoken("It was late when they came.", 1, { speaker: "Anna" }).words,
  spoken("Yes.", 3, { speaker: "Ben", pace: 0.2 }).words,
  spoken("Nobody had expected them so soon, and nobody was glad to see them again.", 3.3, {
    speaker: "Ben",
  }).words,
];

function grow(format: SinkFormat, pushes: readonly (readonly Word[])[], options = {}): string[] {
  const sink = createCueSink(format, options);
  const states = [sink.header];
  for (const words of pushes) states.push((states.at(-1) ?? "") + sink.push(words));
  return [...states, (states.at(-1) ?? "") + sink.flush()];
}

describe("a caption file that grows", () => {
  test("SRT is numbered across pushes and names who speaks", () => {
    expect(grow("srt", finals).at(-1)).toBe(
      "1\n00:00:01,000 --> 00:00:02,800\nIt was late when they came.\n\n" +
        "2\n00:00:03,000 --> 00:00:04,000\nBen: Yes.\n\n" +
        "3\n00:00:04,000 --> 00:00:07,500\nNobody had expected them so soon,\nand nobody was glad to see them again.\n\n",
    );
  });

  test("text gets one line a final, with times when asked", () => {
    expect(grow("txt", finals.slice(0, 2), { times: true }).at(-1)).toBe(
      "[00:00:01.000] It was late when they came.\n[00:00:03.000] Ben: Yes.\n",
    );
  });

  test("a final without words adds nothing", () => {
    const states = grow("vtt", [[], finals[0] ?? []]);
    expect(states[1]).toBe("WEBVTT\n\n");
  });

  test("words without times follow what was said before them", () => {
    const text = grow("srt", [finals[0] ?? [], [{ text: "And" }, { text: "then?" }]]).at(-1) ?? "";
    expect(readSrt(text).at(-1)?.start).toBeGreaterThanOrEqual(2.8);
  });

  test("LRC clears the last line at the end", () => {
    expect(grow("lrc", finals.slice(0, 1)).at(-1)).toBe(
      "[00:01.00]It was late when they came.\n[00:02.80]\n",
    );
  });

  test("formats that cannot grow are refused", () => {
    expect(() => createCueSink("json" as "srt")).toThrow("format must be one of srt, vtt, txt");
  });
});

const word = fc.record({
  text: fc.oneof(
    fc.constantFrom("yes", "No.", "a", "-->", "<b>", "今日", "WEBVTT", "1", "👩‍👩‍👧"),
    fc.string({ minLength: 1, maxLength: 9 }),
  ),
  start: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
  end: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
  speaker: fc.option(fc.constantFrom("A", "B"), { nil: undefined }),
});

describe("whatever is pushed", () => {
  test("every state of the file is one that readers accept, and it only grows", () => {
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 12 }), { maxLength: 6 }), (pushes) => {
        for (const format of ["srt", "vtt"] as const) {
          const read = format === "srt" ? readSrt : readVtt;
          let known = 0;
          for (const state of grow(format, pushes)) {
            const cues = read(state);
            const starts = cues.map((cue) => cue.start);
            const sorted = starts.every((start, index) => start >= (starts[index - 1] ?? 0));
            if (!sorted || cues.length < known || cues.some((cue) => cue.end <= cue.start))
              return false;
            known = cues.length;
          }
        }
        return true;
      }),
      { numRuns: 60, seed: 2011 },
    );
  });

  test.each(SINK_FORMATS)("%s holds every word that was pushed", (format) => {
    const pushes = Array.from(
      { length: 20 },
      (_, index) =>
        spoken(`alpha${index} beta${index} gamma${index}.`, index * 0.7, { pace: 0.2 }).words,
    );
    const text = grow(format, pushes).at(-1) ?? "";
    const missing = pushes.flat().filter(({ text: said }) => !text.includes(said));
    expect(missing).toEqual([]);
  });
});
