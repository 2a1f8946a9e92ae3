/**
 * Cues by the rules of openai/whisper's subtitle writers (whisper/utils.py), for people who move
 * here with files that must not change. Cues are segments; `maxWordsPerLine` cuts them; with both
 * `maxLineWidth` and `maxLineCount` words are poured into lines across segments instead, and a new
 * cue begins when the lines are full or more than 3 s lie between the starts of two words. Times are
 * those of the words: nothing is held longer, no gap is made.
 */
import type { Transcript } from "../transcript.ts";
import type { Cue, CueWord } from "./cue.ts";
import { readSegments, type Token } from "./tokens.ts";

/** Whisper's options of these names. */
export interface WhisperOptions {
  /** Characters of one line. */
  readonly maxLineWidth?: number | undefined;
  /** Lines of one cue; needs `maxLineWidth`. */
  readonly maxLineCount?: number | undefined;
  /** Words of one line; without effect beside both others. */
  readonly maxWordsPerLine?: number | undefined;
}

const PAUSE_SECONDS = 3;

interface Pour {
  readonly done: Token[][][];
  /** Lines of the cue being filled. */
  lines: Token[][];
  lineLength: number;
  lastStart: number | undefined;
}

/** The cues that whisper's writers make of the transcript. Lengths are code points, as Python counts. */
export function whisperCues(transcript: Transcript, options: WhisperOptions = {}): Cue[] {
  const { maxLineWidth, maxLineCount, maxWordsPerLine = Infinity } = options;
  const keepSegments = maxLineWidth === undefined || maxLineCount === undefined;
  const pour: Pour = { done: [], lines: [], lineLength: 0, lastStart: undefined };
  for (const tokens of readSegments(transcript)) {
    tokens.forEach((token, index) => {
      pourToken(pour, token, {
        chunkStart: keepSegments && (index === 0 || index % maxWordsPerLine === 0),
        width: maxLineWidth ?? 1000,
        count: maxLineCount ?? Infinity,
        pauses: !keepSegments,
      });
    });
  }
  if (pour.lines.length > 0) pour.done.push(pour.lines);
  return pour.done.map(cueOf);
}

interface PourRules {
  readonly chunkStart: boolean;
  readonly width: number;
  readonly count: number;
  readonly pauses: boolean;
}

function pourToken(pour: Pour, token: Token, rules: PourRules): void {
  const length = Array.from(token.text).length;
  const spaced = length + (token.spaceBefore ? 1 : 0);
  const pause = rules.pauses && token.start - (pour.lastStart ?? token.start) > PAUSE_SECONDS;
  const cut = rules.chunkStart && pour.lines.length > 0;
  pour.lastStart = token.start;
  if (pour.lineLength > 0 && pour.lineLength + spaced <= rules.width && !pause && !cut) {
    pour.lines.at(-1)?.push(token);
    pour.lineLength += spaced;
    return;
  }
  const full = Number.isFinite(rules.count) && (pause || pour.lines.length >= rules.count);
  if (pour.lines.length > 0 && (full || cut)) {
    pour.done.push(pour.lines);
    pour.lines = [];
  }
  pour.lines.push([token]);
  pour.lineLength = length;
}

function cueOf(lines: readonly (readonly Token[])[]): Cue {
  const words: CueWord[] = lines.flatMap((tokens, line) =>
    tokens.map(({ text, start, end, spaceBefore, speaker, confidence }) => ({
      text,
      start,
      end,
      line,
      spaceBefore,
      ...(speaker === undefined ? {} : { speaker }),
      ...(confidence === undefined ? {} : { confidence }),
    })),
  );
  const estimated = lines.some((tokens) => tokens.some((token) => token.estimated));
  const speaker = words[0]?.speaker;
  const start = words[0]?.start ?? 0;
  return {
    start,
    end: words.at(-1)?.end ?? start,
    lines: lines.map((tokens) =>
      tokens
        .map((token, index) => (index > 0 && token.spaceBefore ? " " : "") + token.text)
        .join(""),
    ),
    words,
    ...(speaker === undefined ? {} : { speaker }),
    ...(estimated ? { estimated } : {}),
  };
}

/** One cue of one line for each segment, as whisper's TSV has them. */
export function segmentCues(transcript: Transcript): Cue[] {
  return readSegments(transcript).map((tokens) => {
    const segment = transcript.segments[tokens[0]?.segment ?? 0];
    const cue = cueOf([tokens]);
    const start = segment?.start ?? cue.start;
    return { ...cue, start, end: Math.max(segment?.end ?? cue.end, start) };
  });
}
