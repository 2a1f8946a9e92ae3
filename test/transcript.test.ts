import { describe, expect, it } from "vitest";
import { isTranslatable, languageCode, LANGUAGES } from "../src/languages.ts";
import { TranscriptCollector } from "../src/stream/core/collect.ts";
import { joinTexts, transcriptText, transcriptWords } from "../src/transcript.ts";

describe("joinTexts", () => {
  it("puts one space between texts and drops empty ones", () => {
    expect(joinTexts([" a", "", "b "])).toBe("a b");
  });

  it("puts none where the language has none (PROTOCOL §4.5.10)", () => {
    expect([joinTexts(["你", "好"], "zh-hans"), joinTexts(["a", "b"], "then")]).toEqual([
      "你好",
      "a b",
    ]);
  });
});

describe("languages (PROTOCOL §6)", () => {
  it("are 102, of which 100 can be translated", () => {
    expect([LANGUAGES.size, [...LANGUAGES.keys()].filter(isTranslatable).length]).toEqual([
      102, 100,
    ]);
  });

  it("are found by code and by English name", () => {
    const asked = ["EN", "haitian creole", "zh_Hans", "jw", "jv"];
    expect(asked.map(languageCode)).toEqual(["en", "ht", "zh-hans", "jw", undefined]);
  });
});

const word = (text: string, start: number) => ({ text, start, end: start + 0.5 });

describe("TranscriptCollector", () => {
  it("appends what the last segment grew by", () => {
    const collector = new TranscriptCollector();
    collector.push({ type: "final", segment: "1:0", text: "one", words: [word("one", 0)] });
    collector.push({ type: "final", segment: "1:0", text: "two", words: [word("two", 1)] });
    expect(collector.transcript().segments).toMatchObject([
      { id: "1:0", text: "one two", end: 1.5 },
    ]);
  });

  it("keeps the words in the order of the finals, whatever segment they are of", () => {
    const collector = new TranscriptCollector();
    collector.push({ type: "interim", segment: "1:0", text: "x", words: [] });
    collector.push({ type: "final", segment: "1:0", text: "one", words: [word("one", 0)] });
    collector.push({ type: "final", segment: "1:1", text: "three", words: [word("three", 2)] });
    collector.push({ type: "final", segment: "1:0", text: "two", words: [word("two", 1)] });
    collector.push({ type: "gap", start: 3, end: 4, reason: "evicted" });
    collector.push({
      type: "end",
      reason: "complete",
      audioSeconds: 5,
      words: 3,
      gaps: 1,
      reconnects: 0,
    });
    const transcript = collector.transcript();
    expect(transcriptText(transcript)).toBe("one three two");
    expect(transcriptWords(transcript)).toHaveLength(3);
    expect(transcript).toMatchObject({
      duration: 5,
      gaps: [{ start: 3, end: 4, reason: "evicted" }],
      segments: [{ id: "1:0" }, { id: "1:1", start: 2, end: 2.5 }, { id: "1:0.2", start: 1 }],
    });
  });
});
