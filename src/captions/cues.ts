/** A transcript as captions: words in, cues out. */
import type { Transcript } from "../transcript.ts";
import type { Cue, CueWord } from "./cue.ts";
import { textWidth } from "./graphemes.ts";
import { layOut, type CueRange } from "./layout.ts";
import {
  resolveLimits,
  type CaptionLimits,
  type LimitOptions,
  type PresetName,
} from "./presets.ts";
import { fitTokens, readSeams, type Piece } from "./seams.ts";
import { settleCues } from "./settle.ts";
import { readTokens, type Token } from "./tokens.ts";
import { whisperCues } from "./whisper.ts";

/** Whose rules cues keep. Every limit given here replaces the preset's own. */
export interface CueOptions extends Omit<LimitOptions, "preset"> {
  /**
   * Whose rules to keep; default `netflix`. `whisper` lays out as whisper's own writers do, and
   * takes only `maxLineWidth`, `maxLineCount`, and `maxWordsPerLine`.
   */
  readonly preset?: PresetName | "whisper" | undefined;
  /**
   * Leaves room for a label such as `Anna: ` where the speaker changes, for writers that print one
   * (SRT, text). Default false.
   */
  readonly speakerLabels?: boolean | undefined;
}

/**
 * Lays a transcript out as cues: broken by syntax and width, timed for reading. A speaker change
 * and a pause always start a new cue, a sentence end does unless the cue would be too short to
 * read. Words without usable times are spread over their segment and marked `estimated`; limits
 * that the speech makes impossible are listed in `broken`.
 *
 * @param options a preset (default `netflix`) and limits that replace its own
 * @returns cues ordered by start, each with `end > start`
 * @throws {RangeError} for an unknown preset or an impossible limit
 * @example
 * writeSrt(toCues(transcript, { preset: "bbc", maxLineCount: 1 }));
 */
export function toCues(transcript: Transcript, options: CueOptions = {}): Cue[] {
  const { preset, ...limitOptions } = options;
  if (preset === "whisper") {
    resolveLimits(limitOptions);
    return whisperCues(transcript, limitOptions);
  }
  const limits = resolveLimits({ ...limitOptions, preset });
  return tokensToCues(readTokens(transcript), limits, options.speakerLabels === true);
}

/** The layout behind {@link toCues}, for callers that already have tokens. */
export function tokensToCues(
  tokens: readonly Token[],
  limits: CaptionLimits,
  speakerLabels: boolean,
): Cue[] {
  const pieces = fitTokens(tokens, limits.maxLineWidth);
  const labels = speakerLabels && hasSpeakers(tokens);
  const cues: Cue[] = [];
  let from = 0;
  let speaker: string | undefined;
  for (let index = 1; index <= pieces.length; index += 1) {
    const piece = pieces[index];
    if (piece !== undefined && !startsStretch(pieces[index - 1], piece, limits)) continue;
    const stretch = pieces.slice(from, index);
    const talker = stretch[0]?.speaker;
    const labelWidth =
      labels && talker !== undefined && talker !== speaker ? textWidth(`${talker}: `) : 0;
    const nextStart = piece?.start ?? Infinity;
    const seams = readSeams(stretch);
    const ranges = layOut({ pieces: stretch, seams, limits, labelWidth, nextStart });
    for (const range of ranges) cues.push(buildCue(stretch, range));
    speaker = talker;
    from = index;
  }
  return settleCues(cues, limits);
}

/** Whether more than one person speaks, so that it is worth saying who. */
export function hasSpeakers(words: readonly { readonly speaker?: string | undefined }[]): boolean {
  const first = words.find((word) => word.speaker !== undefined)?.speaker;
  return (
    first !== undefined &&
    words.some((word) => word.speaker !== undefined && word.speaker !== first)
  );
}

function startsStretch(before: Piece | undefined, piece: Piece, limits: CaptionLimits): boolean {
  if (before === undefined) return false;
  if (before.speaker !== piece.speaker) return true;
  return piece.start - before.end > limits.pauseSeconds || piece.start < before.start;
}

function buildCue(pieces: readonly Piece[], { from, to, lines: firsts }: CueRange): Cue {
  const words: CueWord[] = [];
  const lines: string[] = [];
  let estimated = false;
  let line = -1;
  pieces.slice(from, to).forEach((piece, index) => {
    const opens = firsts.includes(from + index);
    if (opens) line += 1;
    lines[line] = `${lines[line] ?? ""}${!opens && piece.spaceBefore ? " " : ""}${piece.text}`;
    estimated ||= piece.estimated;
    words.push(cueWord(piece, line));
  });
  const start = words[0]?.start ?? 0;
  const speaker = words[0]?.speaker;
  return {
    start,
    end: words.reduce((latest, word) => Math.max(latest, word.end), start),
    lines,
    ...(speaker === undefined ? {} : { speaker }),
    words,
    ...(estimated ? { estimated } : {}),
  };
}

function cueWord(piece: Piece, line: number): CueWord {
  const {
    text,
    spaceBefore,
    start,
    end,
    confidence,
    language,
    speaker,
    estimated,
    speakerInferred,
  } = piece;
  return {
    text,
    start,
    end,
    line,
    spaceBefore,
    ...(confidence === undefined ? {} : { confidence }),
    ...(language === undefined ? {} : { language }),
    ...(speaker === undefined ? {} : { speaker }),
    ...(estimated ? { estimated } : {}),
    ...(speakerInferred ? { speakerInferred } : {}),
  };
}
