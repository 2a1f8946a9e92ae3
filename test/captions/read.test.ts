import { describe, expect, test } from "vitest";
import { readCaptions, readSrt, readVtt } from "../../src/captions/read.ts";
import { readJson } from "../../src/captions/read-json.ts";
import { formats } from "../../src/captions/formats.ts";
import { writeSrt } from "../../src/captions/srt.ts";
import { writeVtt } from "../../src/captions/vtt.ts";
import { spoken, talk } from "./talk.ts";

const BOM = "\u{FEFF}";

describe("SRT as it is found (U16)", () => {
  const two = [
    { start: 1, end: 2.5, lines: ["one"] },
    { start: 3, end: 4, lines: ["two", "lines"] },
  ];

  test.each([
    [
      "plain",
      "1\n00:00:01,000 --> 00:00:02,500\none\n\n2\n00:00:03,000 --> 00:00:04,000\ntwo\nlines\n\n",
    ],
    [
      "CRLF and a byte order mark",
      `${BOM}1\r\n00:00:01,000 --> 00:00:02,500\r\none\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\ntwo\r\nlines\r\n`,
    ],
    [
      "old Macintosh line ends",
      "1\r00:00:01,000 --> 00:00:02,500\rone\r\r2\r00:00:03,000 --> 00:00:04,000\rtwo\rlines",
    ],
    [
      "points instead of commas, no hours",
      "1\n00:01.000 --> 00:02.500\none\n\n2\n00:03.000 --> 00:04.000\ntwo\nlines",
    ],
    [
      "no numbers",
      "00:00:01,000 --> 00:00:02,500\none\n\n00:00:03,000 --> 00:00:04,000\ntwo\nlines\n",
    ],
    [
      "no blank line between cues",
      "1\n00:00:01,000 --> 00:00:02,500\none\n2\n00:00:03,000 --> 00:00:04,000\ntwo\nlines\n",
    ],
    [
      "blank lines inside a cue, short fractions",
      "1\n0:0:1,0-->0:0:2,5\n\none\n\n2\n0:0:3 --> 0:0:4\ntwo\n\nlines\n",
    ],
    [
      "tags, positions, and coordinates",
      '1\n00:00:01,000 --> 00:00:02,500 X1:40 Y1:2\n{\\an8}<i>one</i>\n\n2\n00:00:03,000 --> 00:00:04,000\n<font color="red">two</font>\n<B>lines</B>\n',
    ],
  ])("%s", (_, text) => {
    expect(readSrt(text)).toEqual(two);
  });

  test("angle brackets that are no tags stay", () => {
    const cues = [{ start: 0, end: 1, lines: ["5 < 6 > 4 <b>, {a} {\\an8} C:\\Names\\hat"] }];
    expect(readSrt(writeSrt(cues))).toEqual(cues);
  });

  test("an empty file has no cues, a file of something else is refused", () => {
    expect([readSrt(""), readSrt(` ${BOM}\n`)]).toEqual([[], []]);
    expect(() => readSrt("Dear Sir,\nhello")).toThrow("This is no SRT file");
  });
});

describe("WebVTT as it is found", () => {
  test("identifiers, settings, voices, entities, and inline times are understood", () => {
    const text =
      "WEBVTT - a title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE\nnot --> this\n\nintro\n00:01.000 --> 00:02.000 align:start line:0 region:r\n" +
      "<v.loud Anna &amp; Bo>a &lt; <00:01.500><c>b&nbsp;c</c>\n\n01:00:00,000 --> 01:00:01,000\n- plain &unknown; &#233;\n";
    expect(readVtt(text)).toEqual([
      {
        start: 1,
        end: 2,
        lines: ["a < b\u{A0}c"],
        speaker: "Anna & Bo",
        id: "intro",
        settings: "align:start line:0",
      },
      { start: 3600, end: 3601, lines: ["- plain &unknown; é"] },
    ]);
  });

  test("several voices in one cue become several cues at the same time", () => {
    const cues = readVtt("WEBVTT\n\n00:01.000 --> 00:02.000\n<v A>Hi.</v>\n<v B>Hello.\nYou.\n");
    expect(cues.map(({ speaker, lines, start }) => [speaker, start, ...lines])).toEqual([
      ["A", 1, "Hi."],
      ["B", 1, "Hello.", "You."],
    ]);
  });

  test("a header alone has no cues", () => {
    expect([readVtt("WEBVTT"), readVtt(`${BOM}WEBVTT\n\nNOTE nothing\n`)]).toEqual([[], []]);
  });
});

describe("there and back", () => {
  test("SRT to WebVTT and back keeps every cue", () => {
    const srt =
      "1\n00:00:01,000 --> 00:00:02,500\none & <three>\n\n2\n100:00:03,000 --> 100:00:04,000\ntwo\nlines\n\n";
    expect(writeSrt(readCaptions(writeVtt(readCaptions(srt))))).toBe(
      srt.replace("<three>", "<\u{2060}three>"),
    );
  });

  test("our own JSON gives the transcript back as it was", () => {
    const transcript = {
      ...talk(spoken("It is late.", 1, { speaker: "Anna", language: "en" })),
      duration: 9.5,
      gaps: [{ start: 3, end: 4, reason: "evicted" }],
    };
    expect(readJson(formats["full-json"].write(transcript))).toEqual(transcript);
  });

  test("JSON that is none, or no transcript, is refused with what to do", () => {
    expect(() => readJson("{")).toThrow("This is no JSON");
    expect(() => readJson('{"a":1}')).toThrow("no list `segments`");
  });
});
