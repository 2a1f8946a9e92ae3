/** A transcript as plain text. */
import type { Transcript } from "../transcript.ts";
import { hasSpeakers } from "./cues.ts";
import { plainLine } from "./markup.ts";
import { formatTimestamp, toMs } from "./timestamp.ts";
import { readSegments, type Token } from "./tokens.ts";

/** How plain text is written. */
export interface TextOptions {
  /** Begins each turn with `Anna: `. Default: when more than one person speaks. */
  readonly speakers?: boolean | undefined;
  /** Begins each line with `[00:00:01.000] `. Default false. */
  readonly times?: boolean | undefined;
}

/** One line for each segment, or for each turn where a segment has several speakers. Ends with `\n` unless empty. */
export function writeText(transcript: Transcript, options: TextOptions = {}): string {
  const segments = readSegments(transcript);
  const speakers = options.speakers ?? hasSpeakers(segments.flat());
  let speaker: string | undefined;
  let text = "";
  for (const tokens of segments) {
    text += textLines(tokens, { ...options, speakers }, speaker);
    speaker = tokens.at(-1)?.speaker;
  }
  return text;
}

/** The lines of tokens spoken behind a turn of `speaker`: one for each turn. */
export function textLines(
  tokens: readonly Token[],
  { speakers, times }: TextOptions,
  speaker: string | undefined,
): string {
  let before = speaker;
  let text = "";
  for (const turn of turns(tokens)) {
    const first = turn[0];
    const name = first?.speaker;
    const label = speakers === true && name !== undefined && name !== before ? `${name}: ` : "";
    const start = formatTimestamp(toMs(first?.start ?? 0), ".", "always");
    text += `${times === true ? `[${start}] ` : ""}${plainLine(label + joinTokens(turn))}\n`;
    before = name;
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
