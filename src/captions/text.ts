/** A transcript as plain text. */
import type { Transcript } from "../transcript.ts";
import { hasSpeakers } from "./cues.ts";
import { plainLine } from "./markup.ts";
import { formatTimestamp, toMs } from "./timestamp.ts";
import { readSegments, type Token } from "./tokens.ts";

export interface TextOptions {
  /** Begins each turn with `Anna: `. Default: when more than one person speaks. */
  readonly speakers?: boolean | undefined;
  /** Begins each line with `[00:00:01.000] `. Default false. */
  readonly times?: boolean | undefined;
}

/** One line for each segment, or for each turn where a segment has several speakers. Ends with `\n` unless empty. */
export function writeText(transcript: Transcript, options: TextOptions = {}): string {
  const groups = readSegments(transcript).flatMap(turns);
  const labels = options.speakers ?? hasSpeakers(groups.flat());
  let speaker: string | undefined;
  let text = "";
  for (const group of groups) {
    const first = group[0];
    if (first === undefined) continue;
    const label =
      labels && first.speaker !== undefined && first.speaker !== speaker
        ? `${first.speaker}: `
        : "";
    const time =
      options.times === true ? `[${formatTimestamp(toMs(first.start), ".", "always")}] ` : "";
    speaker = first.speaker;
    text += `${time}${plainLine(label + joinTokens(group))}\n`;
  }
  return text;
}

/** Tokens as one line, spaced as they are written. */
function joinTokens(tokens: readonly Token[]): string {
  return tokens
    .map((token, index) => (index > 0 && token.spaceBefore ? " " : "") + token.text)
    .join("");
}

function turns(tokens: readonly Token[]): Token[][] {
  const groups: Token[][] = [];
  for (const token of tokens) {
    const group = groups.at(-1);
    if (group !== undefined && group[0]?.speaker === token.speaker) group.push(token);
    else groups.push([token]);
  }
  return groups;
}
