import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formats, type FormatName, type FormatOptions } from "../../src/captions/formats.ts";
import { readJson } from "../../src/captions/read-json.ts";

const file = (name: string): string =>
  readFileSync(new URL(`../fixtures/whisper/${name}`, import.meta.url), "utf8");

const OPTIONS: Readonly<Record<string, FormatOptions>> = {
  segments: {},
  "42x2": { maxLineWidth: 42, maxLineCount: 2 },
  "20x1": { maxLineWidth: 20, maxLineCount: 1 },
  "16x3": { maxLineWidth: 16, maxLineCount: 3 },
  words4: { maxWordsPerLine: 4 },
  width30: { maxLineWidth: 30 },
  count1: { maxLineCount: 1 },
  highlight: { highlightWords: true },
  "highlight-words3": { highlightWords: true, maxWordsPerLine: 3 },
};

describe.each(["english", "japanese"])("the same %s segments", (language) => {
  const transcript = readJson(file(`${language}.json`));

  test.each(Object.keys(OPTIONS))("give whisper's SRT and WebVTT bytes with options %s", (name) => {
    const made = (format: FormatName): string =>
      formats[format].write(transcript, { preset: "whisper", ...OPTIONS[name] });
    expect([made("srt"), made("vtt")]).toEqual([
      file(`${language}.${name}.srt`),
      file(`${language}.${name}.vtt`),
    ]);
  });

  test("give whisper's TSV and TXT bytes", () => {
    expect([formats.tsv.write(transcript), formats.txt.write(transcript)]).toEqual([
      file(`${language}.tsv`),
      file(`${language}.txt`),
    ]);
  });

  test("give JSON that concatenates to whisper's text", () => {
    const theirs = JSON.parse(file(`${language}.json`)) as {
      text: string;
      segments: { text: string }[];
    };
    const ours = JSON.parse(formats.json.write(transcript)) as typeof theirs;
    expect(ours.text.trim()).toBe(theirs.text.trim());
    expect(ours.segments.map(({ text }) => text.trim())).toEqual(
      theirs.segments.map(({ text }) => text.trim()),
    );
  });
});
