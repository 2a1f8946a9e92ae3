import { describe, expect, test } from "vitest";
import { readCsv, readTsv } from "../../src/captions/read-tables.ts";
import { writeCsv, writeTsv } from "../../src/captions/tables.ts";
import { segmentCues } from "../../src/captions/whisper.ts";
import { generateTranscript } from "./generate.ts";

const two = [
  { start: 1, end: 2.5, lines: ["one"] },
  { start: 3, end: 4, lines: ["two, three"] },
];

describe("TSV as it is found", () => {
  test.each([
    ["as whisper writes it", "start\tend\ttext\n1000\t2500\tone\n3000\t4000\ttwo, three\n"],
    ["without a header", "1000\t2500\tone\n3000\t4000\ttwo, three"],
    [
      "CRLF and a byte order mark",
      "\u{FEFF}start\tend\ttext\r\n1000\t2500\tone\r\n3000\t4000\ttwo, three\r\n",
    ],
    ["columns in another order", "text\tstart\tend\none\t1000\t2500\ntwo, three\t3000\t4000\n"],
    [
      "rows that are none",
      "start\tend\ttext\n\n1000\t2500\tone\nnote\n3000\t4000\ttwo, three\n5\t6\t \n",
    ],
  ])("%s", (_, text) => {
    expect(readTsv(text)).toEqual(two);
  });
});

describe("CSV as it is found", () => {
  test.each([
    ["as we write it", 'start,end,speaker,text\n1.000,2.500,,one\n3.000,4.000,,"two, three"\n'],
    ["without a header", '1,2.5,,one\n3,4,,"two, three"'],
    ["CRLF and a byte order mark", '\u{FEFF}start,end,text\r\n1,2.5,one\r\n3,4,"two, three"\r\n'],
    [
      "line ends in a cell, and a quote that is never closed",
      'start,end,text\n1,2.5,"one"\n3,4,"two,\nthree',
    ],
  ])("%s", (_, text) => {
    expect(readCsv(text)).toEqual(two);
  });

  test("quotes and speakers", () => {
    expect(readCsv('start,end,speaker,text\n0,1,"Lee, Anna","she said ""no"""\n')).toEqual([
      { start: 0, end: 1, speaker: "Lee, Anna", lines: ['she said "no"'] },
    ]);
  });

  test("a row of nothing but commas, and an empty file", () => {
    expect([readCsv(",,,\n"), readCsv(""), readTsv("\n"), readCsv("start,end,text\n")]).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });
});

test.each([
  ["TSV", readTsv, "Dear Sir,\nthis is a letter.\n"],
  ["CSV", readCsv, "name,age\nAnna,7\n"],
])("something else is no %s", (format, read, text) => {
  expect(() => read(text)).toThrow(new RegExp(`no ${format} file of captions`, "u"));
});

test("500 generated transcripts come back from both, row for row", () => {
  const wrong: number[] = [];
  for (let seed = 1; seed <= 500; seed++) {
    const cues = segmentCues(generateTranscript(seed));
    for (const [write, read] of [
      [writeTsv, readTsv],
      [writeCsv, readCsv],
    ] as const) {
      const text = write(cues);
      const again = read(text);
      // Rows whose text is nothing but controls are gone already when they are written.
      if (write(again) !== text) wrong.push(seed);
    }
  }
  expect(wrong).toEqual([]);
});
