/** SubRip: the format every player reads and nobody specified. */
import type { Cue } from "./cue.ts";
import { hasSpeakers } from "./cues.ts";
import { plainLine, plainLines } from "./markup.ts";
import { formatTimestamp, timeCues, type TimedCue } from "./timestamp.ts";

export interface SrtOptions {
  /** Puts `Anna: ` where the speaker changes. Default: when the cues have more than one speaker. */
  readonly speakers?: boolean | undefined;
}

/** The cues as an SRT file: numbered from 1, `\n`, no byte order mark, hours always. */
export function writeSrt(cues: readonly Cue[], options: SrtOptions = {}): string {
  const labels = options.speakers ?? hasSpeakers(cues);
  let number = 0;
  let speaker: string | undefined;
  let text = "";
  for (const timed of timeCues(cues)) {
    number += 1;
    const { cue } = timed;
    const label =
      labels && cue.speaker !== undefined && cue.speaker !== speaker ? cue.speaker : undefined;
    speaker = cue.speaker;
    text += srtBlock(timed, number, label);
  }
  return text;
}

/** One cue with the blank line behind it. */
export function srtBlock(
  { cue, startMs, endMs }: TimedCue,
  number: number,
  label: string | undefined,
): string {
  const start = formatTimestamp(startMs, ",", "always");
  const end = formatTimestamp(endMs, ",", "always");
  const lines = plainLines(cue.lines);
  const first =
    label === undefined ? lines : [`${plainLine(label)}: ${lines[0] ?? ""}`, ...lines.slice(1)];
  return `${number}\n${start} --> ${end}\n${first.join("\n")}\n\n`;
}
