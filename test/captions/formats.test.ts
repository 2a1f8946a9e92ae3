import { describe, expect, test } from "vitest";
import { toCues } from "../../src/captions/cues.ts";
import { formats, type FormatName } from "../../src/captions/formats.ts";
import { highlightWords } from "../../src/captions/karaoke.ts";
import { writeCsv, writeLrc, writeTsv } from "../../src/captions/tables.ts";
import { writeVtt } from "../../src/captions/vtt.ts";
import { spoken, talk } from "./talk.ts";

const dialogue = talk(
  spoken("It is late.", 0, { speaker: "Anna" }),
  spoken("So it is, my dear.", 4, { speaker: "Ben" }),
);

describe("rows", () => {
  const cues = [
    { start: 0.0004, end: 1.2, lines: ["a\tb", 'said "no", twice'], speaker: "Anna, B." },
    { start: 65, end: 66, lines: ["c"] },
  ];

  test("TSV holds milliseconds and text without tabs", () => {
    expect(writeTsv(cues)).toBe(
      'start\tend\ttext\n0\t1200\ta b said "no", twice\n65000\t66000\tc\n',
    );
  });

  test("CSV quotes what must be quoted", () => {
    expect(writeCsv(cues)).toBe(
      'start,end,speaker,text\n0.000,1.200,"Anna, B.","a b said ""no"", twice"\n65.000,66.000,,c\n',
    );
  });

  test("LRC clears the line when a pause begins", () => {
    expect(writeLrc(cues)).toBe(
      '[00:00.00]a b said "no", twice\n[00:01.20]\n[01:05.00]c\n[01:06.00]\n',
    );
  });

  test("LRC with word tags gives each word its time", () => {
    expect(formats.lrc.write(talk(spoken("It is late.", 1)), { wordTags: true })).toBe(
      "[00:01.00]<00:01.00>It <00:01.30>is <00:01.60>late.\n[00:01.90]\n",
    );
  });
});

describe("WebVTT for painters", () => {
  test("word tags lie strictly inside the cue and rise", () => {
    expect(writeVtt(toCues(talk(spoken("It is late.", 0))), { wordTags: true })).toContain(
      "It <00:00.300>is <00:00.600>late.",
    );
  });

  test("a region scrolls up and every cue is in it", () => {
    const text = writeVtt(toCues(dialogue), { region: { id: "live", lines: 2 } });
    expect(text).toContain("REGION\nid:live\nwidth:80%\nlines:2\n");
    expect(text.match(/ region:live\n/gu)?.length).toBe(2);
  });

  test("a region that cannot be named is refused", () => {
    expect(() => writeVtt([], { region: { id: "a b" } })).toThrow("region.id must be");
  });
});

describe("karaoke", () => {
  test("each word is marked while it is said, and nothing between words", () => {
    const words = [
      { text: "It", start: 0, end: 0.2, line: 0, spaceBefore: false },
      { text: "is.", start: 0.5, end: 0.7, line: 0, spaceBefore: true },
    ];
    const steps = highlightWords([{ start: 0, end: 1, lines: ["It is."], words }]);
    expect(steps.map(({ start, end, highlight }) => [start, end, highlight])).toEqual([
      [0, 0.2, 0],
      [0.2, 0.5, undefined],
      [0.5, 0.7, 1],
      [0.7, 1, undefined],
    ]);
  });
});

describe("the table of formats", () => {
  test("every format writes every transcript, and again from its cues", () => {
    const written = Object.values(formats).map(({ name, write, writeCues }) => [
      name,
      write(dialogue).includes("late"),
      writeCues?.(toCues(dialogue)).includes("late") ?? true,
    ]);
    expect(written).toEqual(Object.keys(formats).map((name) => [name, true, true]));
  });

  test.each(["srt", "vtt", "txt", "tsv", "csv", "lrc", "json"] satisfies FormatName[])(
    "%s of an empty transcript is a valid empty file",
    (name) => {
      const empty: Partial<Record<FormatName, string>> = {
        vtt: "WEBVTT\n\n",
        tsv: "start\tend\ttext\n",
        csv: "start,end,speaker,text\n",
        json: '{"text":"","segments":[]}\n',
      };
      expect(formats[name].write({ segments: [] })).toBe(empty[name] ?? "");
    },
  );

  test("SRT labels speakers and the label fits the line", () => {
    const long = talk(
      spoken("Everything that was said here remains in this room.", 0, {
        speaker: "Anna Petersen",
      }),
      spoken("Good.", 20, { speaker: "Ben" }),
    );
    const text = formats.srt.write(long);
    expect(text).toContain("Anna Petersen: Everything");
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(42);
  });
});
