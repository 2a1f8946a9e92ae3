/**
 * Readers for SRT and WebVTT as they are found: with a byte order mark, any line ends, either
 * decimal mark, hours or none, numbers or none (PROTOCOL U16). What cannot be a cue is skipped.
 */
import { EverywordError } from "../errors.ts";
import type { Cue } from "./cue.ts";
import { unguard } from "./markup.ts";

const TIME = String.raw`(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?`;
const TIMING = new RegExp(String.raw`^\s*${TIME}\s*-->\s*${TIME}(?:\s+(\S.*))?$`, "u");

interface Block {
  readonly id: string | undefined;
  readonly start: number;
  readonly end: number;
  readonly settings: string | undefined;
  readonly lines: string[];
}

/**
 * The cues of an SRT file. Tags are dropped; empty cues are left out; a cue that ends before it
 * starts is taken as one that ends at once.
 *
 * @throws {EverywordError} `input-unreadable` when there is text but no timing line
 */
export function readSrt(text: string): Cue[] {
  return readBlocks(text, "SRT").flatMap((block) => {
    const lines = textLines(block.lines.join("\n"), (line) => unguard(stripSrt(line)));
    return lines.length === 0 ? [] : [{ start: block.start, end: block.end, lines }];
  });
}

/**
 * The cues of a WebVTT file, with identifiers, settings, and speakers (from `<v Name>`; a cue with
 * several voices becomes several at the same time). Other tags are dropped, as are notes, styles,
 * and regions.
 *
 * @throws {EverywordError} `input-unreadable` when there is text but no timing line
 */
export function readVtt(text: string): Cue[] {
  return readBlocks(text, "WebVTT").flatMap(({ id, start, end, settings, lines }) =>
    splitVoices(lines.join("\n")).flatMap(({ speaker, text: said }) => {
      const kept = textLines(said, (line) =>
        unguard(decodeEntities(line.replaceAll(/<[^>]*>/gu, ""))),
      );
      if (kept.length === 0) return [];
      const cue: Cue = { start, end, lines: kept };
      const named = speaker === undefined ? cue : { ...cue, speaker };
      const numbered = id === undefined ? named : { ...named, id };
      const placed = settings?.replaceAll(/(?:^|\s)region:\S+/gu, "").trim() ?? "";
      return [placed === "" ? numbered : { ...numbered, settings: placed }];
    }),
  );
}

/** The cues of a subtitle file of either format, told apart by its first line. */
export function readCaptions(text: string): Cue[] {
  return /^\u{FEFF}?WEBVTT(?:\s|$)/u.test(text) ? readVtt(text) : readSrt(text);
}

/** Everything between one timing line and the next, without the number or name that belongs to the next. */
function readBlocks(text: string, format: string): Block[] {
  const lines = text.replace(/^\u{FEFF}/u, "").split(/\r\n|\r|\n/u);
  const blocks: Block[] = [];
  let skipping = false;
  lines.forEach((line, index) => {
    const timing = TIMING.exec(line);
    if (timing !== null) {
      const id = lines[index - 1]?.trim() ?? "";
      if (id !== "" && index > 0) dropIdentifier(blocks.at(-1), lines, index);
      blocks.push(openBlock(timing, id === "" || /^WEBVTT\b/u.test(id) ? undefined : id));
      skipping = false;
      return;
    }
    const afterBlank = lines[index - 1]?.trim() === "";
    if (format === "WebVTT" && afterBlank && /^(?:NOTE|STYLE|REGION)(?:\s|$)/u.test(line))
      skipping = true;
    else if (!skipping) blocks.at(-1)?.lines.push(line);
  });
  if (blocks.length > 0 || /^(?:WEBVTT[^\n]*)?\s*$/u.test(text.replace(/^\u{FEFF}/u, "")))
    return blocks;
  if (format === "WebVTT" && /^\u{FEFF}?WEBVTT/u.test(text)) return blocks;
  throw new EverywordError(
    "input-unreadable",
    `This is no ${format} file: it has no line such as 00:00:01,000 --> 00:00:02,000; check that the right file was given.`,
  );
}

/** The line above a timing line is its number or name, if a blank line or nothing stands above that. */
function dropIdentifier(block: Block | undefined, lines: readonly string[], index: number): void {
  const alone = index < 2 || lines[index - 2]?.trim() === "";
  const number = /^\s*\d+\s*$/u.test(lines[index - 1] ?? "");
  if (alone || number) block?.lines.pop();
}

function openBlock(timing: RegExpExecArray, id: string | undefined): Block {
  const start = seconds(timing.slice(1, 5));
  const end = seconds(timing.slice(5, 9));
  return { id, start, end: Math.max(end, start + 0.001), settings: timing[9]?.trim(), lines: [] };
}

function seconds([hours, minutes, whole, fraction]: readonly (string | undefined)[]): number {
  const full = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(whole ?? 0);
  return (full * 1000 + Number((fraction ?? "0").padEnd(3, "0"))) / 1000;
}

function textLines(text: string, clean: (line: string) => string): string[] {
  return text
    .split("\n")
    .map((line) => clean(line).trim())
    .filter((line) => line !== "");
}

/** Drops the tags that players know; other angle brackets and braces are text. */
function stripSrt(line: string): string {
  return line
    .replaceAll(/<\/?(?:[biusv]|font|c)(?:[\s.][^<>]*)?>/giu, "")
    .replaceAll(/\{\\[^{}]*\}/gu, "");
}

interface Voice {
  readonly speaker: string | undefined;
  readonly text: string;
}

function splitVoices(text: string): Voice[] {
  const voices: Voice[] = [];
  let speaker: string | undefined;
  let position = 0;
  for (const tag of text.matchAll(/<v(?:\.[^\s>]*)?(?:\s+([^>]*))?>|<\/v>/gu)) {
    voices.push({ speaker, text: text.slice(position, tag.index) });
    const name = decodeEntities(tag[1]?.replaceAll(/\s+/gu, " ").trim() ?? "");
    speaker = name === "" ? undefined : name;
    position = tag.index + tag[0].length;
  }
  voices.push({ speaker, text: text.slice(position) });
  return voices;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u{A0}",
  lrm: "\u{200E}",
  rlm: "\u{200F}",
};

function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/giu,
    (whole, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
