/** WebVTT (https://www.w3.org/TR/webvtt1/). */
import type { Cue } from "./cue.ts";
import { escapeVoice, escapeVtt, plainLines } from "./markup.ts";
import { formatTimestamp, timeCues, type TimedCue } from "./timestamp.ts";

export interface VttOptions {
  /** Marks who speaks with `<v Name>`. Default true. */
  readonly voices?: boolean | undefined;
}

/** What a WebVTT file begins with. */
export const VTT_HEADER = "WEBVTT\n\n";

/** The cues as a WebVTT file: `\n`, no byte order mark, hours only from one hour on. */
export function writeVtt(cues: readonly Cue[], options: VttOptions = {}): string {
  let text = VTT_HEADER;
  for (const timed of timeCues(cues)) text += vttBlock(timed, options);
  return text;
}

/** One cue with the blank line behind it. */
export function vttBlock({ cue, startMs, endMs }: TimedCue, options: VttOptions): string {
  const start = formatTimestamp(startMs, ".", "needed");
  const end = formatTimestamp(endMs, ".", "needed");
  const name = options.voices === false ? "" : escapeVoice(cue.speaker ?? "");
  const text = plainLines(cue.lines).map(escapeVtt).join("\n");
  const voiced = name === "" ? text : `<v ${name}>${text}`;
  return `${start} --> ${end}\n${voiced}\n\n`;
}
