/** SRT and WebVTT as servers write them, read leniently (U16): BOM, CRLF, either decimal mark, no hours. */
import type { Segment } from "../../transcript.ts";

const TIMES =
  /^\s*(?:(\d+):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})\s*-->\s*(?:(\d+):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})/u;

/** One segment a cue, without words; text that belongs to no cue is skipped. */
export function parseCues(text: string): Segment[] {
  const cues: Segment[] = [];
  for (const block of text.replaceAll(/\r\n?/gu, "\n").split(/\n[ \t]*\n/u)) {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMES.test(line));
    const times = TIMES.exec(lines[at] ?? "");
    if (times === null) continue;
    const said = lines.slice(at + 1).join(" ");
    const speaker = /^\s*<v(?:\.[^\s>]*)?\s+([^>]+)>/u.exec(said)?.[1]?.trim();
    const start = clock(times.slice(1, 5));
    cues.push({
      id: String(cues.length),
      text: said
        .replaceAll(/<[^>]*>/gu, "")
        .replaceAll(/\s+/gu, " ")
        .trim(),
      start,
      end: Math.max(start, clock(times.slice(5, 9))),
      words: [],
      ...(speaker === undefined ? {} : { speaker }),
    });
  }
  return cues.filter((cue) => cue.text !== "");
}

function clock([hours, minutes, seconds, fraction]: readonly (string | undefined)[]): number {
  const whole = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  return whole + Number(`0.${fraction ?? "0"}`);
}
