import { execFileSync } from "node:child_process";
import { parse as parsePlussub } from "@plussub/srt-vtt-parser";
import { parseSync } from "subtitle";
import { describe, expect, test } from "vitest";
import validator from "webvtt-parser";
import type { Cue } from "../../src/captions/cue.ts";
import { toCues } from "../../src/captions/cues.ts";
import { highlightWords } from "../../src/captions/karaoke.ts";
import { escapeVtt, guardSrt } from "../../src/captions/markup.ts";
import { PRESETS, type PresetName } from "../../src/captions/presets.ts";
import { readSrt, readVtt } from "../../src/captions/read.ts";
import { writeSrt } from "../../src/captions/srt.ts";
import { writeVtt } from "../../src/captions/vtt.ts";
import { generateTranscript } from "./generate.ts";
import { lacks } from "../programs.ts";

const NAMES = Object.keys(PRESETS) as PresetName[];

interface Case {
  readonly seed: number;
  readonly cues: readonly Cue[];
}

const cases: Case[] = Array.from({ length: 500 }, (_, seed) => ({
  seed,
  cues: toCues(generateTranscript(seed), { preset: NAMES[seed % NAMES.length] }),
}));

/** The seeds whose cues `broken` finds fault with, so that a failure names its cases. */
const seedsWhere = (broken: (cues: readonly Cue[]) => boolean): number[] =>
  cases.filter(({ cues }) => broken(cues)).map(({ seed }) => seed);

const differ = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

/** Start and end in milliseconds, and the text. */
type Shown = readonly [start: number, end: number, text: string];

/** What a reader must give back: whole milliseconds, and the text as it stands in the file. */
function shown(cues: readonly Cue[], escape: (text: string) => string): Shown[] {
  return cues.map(({ start, end, lines }) => {
    const startMs = Math.round(start * 1000);
    const text = lines.map((line) => line.replaceAll(/-{2,}>/gu, "->")).join("\n");
    return [startMs, Math.max(Math.round(end * 1000), startMs + 1), escape(text)];
  });
}

const same = (text: string): string => text;

const byTime = (a: Shown, b: Shown): number => a[0] - b[0] || a[1] - b[1];

function readWithW3c(text: string): Shown[] {
  const { cues } = new validator.WebVTTParser().parse(text, "subtitles");
  return cues.map(({ startTime, endTime }): Shown => {
    return [Math.round(startTime * 1000), Math.round(endTime * 1000), ""];
  });
}

function readWithSubtitle(text: string): Shown[] {
  return parseSync(text).flatMap((node): Shown[] =>
    node.type === "cue" ? [[node.data.start, node.data.end, node.data.text]] : [],
  );
}

function readWithPlussub(text: string): Shown[] {
  return parsePlussub(text).entries.map(({ from, to, text: said }): Shown => [from, to, said]);
}

describe("500 generated transcripts", () => {
  test("W3C's parser has nothing to report", () => {
    const parser = new validator.WebVTTParser();
    const failing = seedsWhere((cues) => {
      const variants = [
        writeVtt(cues),
        writeVtt(cues, { wordTags: true }),
        writeVtt(highlightWords(cues)),
        writeVtt(cues, { voices: false }),
      ];
      return variants.some((text) => parser.parse(text, "subtitles").errors.length > 0);
    });
    expect(failing).toEqual([]);
  });

  test("W3C's parser counts every cue with its times", () => {
    // It orders cues that start together by their end.
    const failing = seedsWhere((cues) =>
      differ(readWithW3c(writeVtt(cues)).toSorted(byTime), shown(cues, () => "").toSorted(byTime)),
    );
    expect(failing).toEqual([]);
  });

  test("subtitle gives every SRT cue back exactly", () => {
    // It takes any line of text that begins with NOTE for a comment, in SRT too: those are left out.
    const failing = seedsWhere(
      (cues) =>
        !cues.some((cue) => cue.lines.some((line) => line.startsWith("NOTE"))) &&
        differ(readWithSubtitle(writeSrt(cues, { speakers: false })), shown(cues, guardSrt)),
    );
    expect(failing).toEqual([]);
  });

  test("srt-vtt-parser gives every SRT and WebVTT cue back exactly", () => {
    // It throws at a file without cues.
    const failing = seedsWhere(
      (cues) =>
        cues.length > 0 &&
        (differ(readWithPlussub(writeSrt(cues, { speakers: false })), shown(cues, guardSrt)) ||
          differ(readWithPlussub(writeVtt(cues, { voices: false })), shown(cues, escapeVtt))),
    );
    expect(failing).toEqual([]);
  });

  test("our own readers give every cue back exactly", () => {
    const failing = seedsWhere((cues) => {
      const srt = shown(readSrt(writeSrt(cues, { speakers: false })), same);
      const vtt = shown(readVtt(writeVtt(cues)), same);
      return differ(srt, shown(cues, same)) || differ(vtt, shown(cues, same));
    });
    expect(failing).toEqual([]);
  });
});

/** All transcripts behind each other in one file, a second of silence between two. */
function concatenate(): Cue[] {
  let offset = 0;
  return cases.flatMap(({ cues }) => {
    const shift = offset - Math.floor(cues[0]?.start ?? 0);
    const moved = cues.map((cue) => ({ ...cue, start: cue.start + shift, end: cue.end + shift }));
    offset = Math.ceil(moved.reduce((latest, cue) => Math.max(latest, cue.end), offset)) + 1;
    return moved;
  });
}

/** ffmpeg's readers, seen through its SRT writer: that breaks lines with `\r\n`, and leaves in the backslashes before braces that the WebVTT reader adds. */
function readWithFfmpeg(text: string, format: "srt" | "webvtt"): Shown[] {
  const output = execFileSync(
    "ffmpeg",
    ["-v", "error", "-f", format, "-i", "-", "-f", "srt", "-"],
    { input: text, encoding: "utf8", maxBuffer: 1 << 26 },
  );
  return readWithPlussub(output.replaceAll("\r\n", "\n").replaceAll(/\\([{}])/gu, "$1"));
}

function firstDifference(read: readonly Shown[], wanted: readonly Shown[]): unknown {
  const index = wanted.findIndex((cue, position) => differ(cue, read[position]));
  if (index < 0) return read.length === wanted.length ? undefined : { length: read.length };
  return { index, read: read[index], wanted: wanted[index] };
}

const unescapeVtt = (text: string): string =>
  escapeVtt(text).replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

describe.skipIf(lacks("ffmpeg"))("ffmpeg, given all of them in one file", () => {
  const cues = concatenate();

  test("reads every SRT cue back with its times and its text", () => {
    const read = readWithFfmpeg(writeSrt(cues, { speakers: false }), "srt");
    expect(firstDifference(read, shown(cues, guardSrt))).toBeUndefined();
  });

  test("reads every WebVTT cue back with its times and its text", () => {
    const read = readWithFfmpeg(writeVtt(cues), "webvtt");
    expect(firstDifference(read, shown(cues, unescapeVtt))).toBeUndefined();
  });
});
