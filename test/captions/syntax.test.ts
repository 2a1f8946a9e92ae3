import { describe, expect, test } from "vitest";
import { toCues, type CueOptions } from "../../src/captions/cues.ts";
import { textWidth } from "../../src/captions/graphemes.ts";
import { breakCost, endsSentence } from "../../src/captions/syntax.ts";

/** The lines that a text takes when it is said slowly enough to be one cue. */
function lines(text: string, language: string, options: CueOptions = {}): string[] {
  const segment = { id: "0", text, words: [], start: 0, end: 6, language };
  return toCues({ segments: [segment], language }, options).flatMap((cue) => cue.lines);
}

describe("what belongs together stays on one line", () => {
  test.each([
    [
      "en",
      "You may end the test by hanging up or by pressing the key.",
      ["You may end the test", "by hanging up or by pressing the key."],
    ],
    [
      "en",
      "We had never been told about the meeting in the morning.",
      ["We had never been told", "about the meeting in the morning."],
    ],
    [
      "de",
      "Wir haben gestern den ganzen Tag auf einen Anruf gewartet.",
      ["Wir haben gestern den ganzen Tag", "auf einen Anruf gewartet."],
    ],
    [
      "fr",
      "Nous avons attendu toute la journée dans une petite maison.",
      ["Nous avons attendu toute la journée", "dans une petite maison."],
    ],
    [
      "es",
      "Estuvimos esperando todo el día en una casa muy pequeña.",
      ["Estuvimos esperando todo el día", "en una casa muy pequeña."],
    ],
  ])("%s: %s", (language, text, expected) => {
    expect(lines(text, language)).toEqual(expected);
  });

  test.each([
    ["the", "boat", "bonuses cost less"],
    ["Barbara", "Johnson", "a name"],
    ["have", "gone", "an auxiliary"],
    ["42", "percent", "a number and its unit"],
    ["hanging", "up", "a verb and its particle"],
  ])("breaking “%s %s” costs more than breaking where nothing is known", (left, right) => {
    const unknown = breakCost({ text: "old", language: "en" }, { text: "boats", language: "en" });
    expect(
      breakCost({ text: left, language: "en" }, { text: right, language: "en" }),
    ).toBeGreaterThan(unknown);
  });
});

describe("sentence ends", () => {
  test.each([
    ["over.", "Then", true],
    ["over…", "and", false],
    ["Mr.", "Smith", false],
    ["U.S.", "Army", false],
    ["No.", "7", false],
    ["No.", "Never", true],
    ["said?”", "He", true],
    ["三时。", "然后", true],
    ["क्यों।", "मैं", true],
    ["late,", "but", false],
  ])("after “%s” before “%s”: %s", (left, right, ends) => {
    expect(endsSentence({ text: left }, { text: right })).toBe(ends);
  });
});

describe("scripts without spaces", () => {
  const narrow = { maxLineWidth: 12, maxLineCount: 4 };

  test("Chinese breaks between words, and punctuation never begins a line", () => {
    const shown = lines("人工智能正在改变我们的生活方式，我们必须认真对待。", "zh", narrow);
    expect([shown.join(""), shown.filter((line) => /^[，。]/u.test(line))]).toEqual([
      "人工智能正在改变我们的生活方式，我们必须认真对待。",
      [],
    ]);
  });

  test("Japanese small kana and long marks never begin a line, opening brackets never end one", () => {
    const shown = lines("ちょっとコーヒーを飲んでから「東京タワー」へ行きましょう。", "ja", narrow);
    expect(shown.filter((line) => /^[ょっーゃ」。]|「$/u.test(line))).toEqual([]);
  });

  test("Thai is cut between dictionary words", () => {
    const words = new Set(
      Array.from(
        new Intl.Segmenter("th", { granularity: "word" }).segment(
          "วันนี้อากาศดีมากเราไปเดินเล่นที่สวนสาธารณะ",
        ),
        ({ segment }) => segment,
      ),
    );
    const shown = lines("วันนี้อากาศดีมากเราไปเดินเล่นที่สวนสาธารณะ", "th", narrow);
    const starts = shown.filter((line) => [...words].some((word) => line.startsWith(word)));
    expect([shown.length > 1, starts]).toEqual([true, shown]);
  });

  test("Latin words among Chinese keep the spaces that the text has", () => {
    expect(lines("我们用 Node JS 写程序。", "zh")).toEqual(["我们用 Node JS 写程序。"]);
  });

  test("right-to-left text keeps its order and its marks", () => {
    expect(lines("كان الولد يقرأ كِتَابًا في البيت.", "ar")).toEqual([
      "كان الولد يقرأ كِتَابًا في البيت.",
    ]);
  });
});

describe("widths", () => {
  test.each([
    ["abc", 3],
    ["今日", 4],
    ["ｶﾅ", 2],
    ["Ａ", 2],
    ["한국", 4],
    ["👩‍👩‍👧‍👦", 2],
    ["🇩🇪", 2],
    ["👍🏽", 2],
    ["❤️", 2],
    ["é", 1],
    ["é", 1],
    ["กำ", 1],
    ["\u{200B}", 0],
    ["", 0],
  ])("“%s” is %d wide", (text, width) => {
    expect(textWidth(text)).toBe(width);
  });
});
