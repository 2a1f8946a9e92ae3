/** SubRip: the format every player reads and nobody specified. */
import type { Cue } from "./cue.ts";
import { hasSpeakers } from "./cues.ts";
import { guardSrt, plainLine } from "./markup.ts";
import { renderHighlight } from "./render.ts";
import { formatTimestamp, timeCues, type TimedCue } from "./timestamp.ts";

/** How SRT is written. */
export interface SrtOptions {
  /** Puts `Anna: ` where the speaker changes. Default: when the cues have more than one speaker. */
  readonly speakers?: boolean | undefined;
}

/**
 * The cues as an SRT file: numbered from 1, `\n`, no byte order mark, hours always. Cues without
 * text are left out; starts never fall and every cue ends after it starts, in whole milliseconds.
 */
export function writeSrt(cues: readonly Cue[], options: SrtOptions = {}): string {
  const labels = options.speakers ?? hasSpeakers(cues);
  let number = 0;
  let speaker: string | undefined;
  let text = "";
  for (const timed of timeCues(cues)) {
    number += 1;
    text += srtBlock(timed, number, labels ? turnLabel(timed.cue, speaker) : "");
    speaker = timed.cue.speaker;
  }
  return text;
}

/** `Anna: ` where `cue` begins a turn behind `speaker`, else nothing. */
export function turnLabel(cue: Cue, speaker: string | undefined): string {
  return cue.speaker === undefined || cue.speaker === speaker ? "" : `${plainLine(cue.speaker)}: `;
}

/** One cue with the blank line behind it. */
export function srtBlock({ cue, startMs, endMs }: TimedCue, number: number, label: string): string {
  const start = formatTimestamp(startMs, ",", "always");
  const end = formatTimestamp(endMs, ",", "always");
  return `${number}\n${start} --> ${end}\n${guardSrt(label)}${renderHighlight(cue, guardSrt)}\n\n`;
}
