/**
 * A transcript as the layout reads it: one token after the other, each with a time, a speaker where
 * anybody has one, its spacing, and its punctuation.
 */
import type { Segment, Transcript, Word } from "../transcript.ts";
import { fuses, wordSegmenter } from "./graphemes.ts";
import { hasUnspacedScript, needsSpace, placeWords } from "./spacing.ts";
import { spokenSeconds, timeWords, type Span } from "./times.ts";

export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly spaceBefore: boolean;
  readonly estimated: boolean;
  readonly speakerInferred: boolean;
  readonly speaker: string | undefined;
  readonly language: string | undefined;
  readonly confidence: number | undefined;
  /** Index into the transcript's segments. */
  readonly segment: number;
}

/** Every word of the transcript, grouped by segment; segments without words are left out. */
export function readSegments(transcript: Transcript): Token[][] {
  const groups: Token[][] = [];
  for (const token of readTokens(transcript)) {
    const group = groups.at(-1);
    if (group?.[0]?.segment === token.segment) group.push(token);
    else groups.push([token]);
  }
  return groups;
}

/** Every word of the transcript as a token, in reading order. Starts never fall inside a segment. */
export function readTokens(transcript: Transcript): Token[] {
  const tokens: Token[] = [];
  let reached = 0;
  transcript.segments.forEach((segment, index) => {
    const words = readableWords(segment, transcript.language);
    if (words.length === 0) return;
    const next = transcript.segments[index + 1];
    const { span, trusted } = segmentSpan(segment, words, reached, next?.start);
    const placed = placeSegment(segment, words, segment.language ?? transcript.language);
    const spans = timeWords(words, span, trusted);
    placed.forEach(({ text, spaceBefore }, position) => {
      const word = words[position];
      const at = spans[position];
      if (word === undefined || at === undefined) return;
      tokens.push({
        text,
        ...at,
        spaceBefore,
        speakerInferred: false,
        speaker: blankless(word.speaker ?? segment.speaker),
        language: word.language ?? segment.language ?? transcript.language,
        confidence: word.confidence,
        segment: index,
      });
    });
    reached = Math.max(reached, tokens.at(-1)?.end ?? 0);
  });
  return fuseTokens(inheritSpeakers(spaceSegments(tokens)));
}

function blankless(speaker: string | undefined): string | undefined {
  const name = speaker?.replaceAll(/\s+/gu, " ").trim();
  return name === "" ? undefined : name;
}

/** Words with something to read, white space and control characters folded. */
function readableWords(segment: Segment, language: string | undefined): Word[] {
  const words: readonly Word[] =
    segment.words.length > 0 ? segment.words : textWords(segment, segment.language ?? language);
  const clean = words.map((word) => ({ ...word, text: foldText(word.text) }));
  return sortIfTextAgrees(
    clean.filter((word) => word.text !== ""),
    segment.text,
  );
}

/** White space and control characters as single spaces; lone surrogates as U+FFFD. */
export function foldText(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}\u{2028}\u{2029}\u{FEFF}]+/gu, " ")
    .replaceAll(/\p{Cs}/gu, "\u{FFFD}")
    .trim();
}

/** A segment without words still has text: its words, all times to be estimated. */
function textWords({ text }: Segment, language: string | undefined): Word[] {
  const pieces = foldText(text).split(" ");
  if (!hasUnspacedScript(text)) return pieces.map((piece) => ({ text: piece }));
  const segmenter = wordSegmenter(language);
  return pieces.flatMap((piece) =>
    Array.from(segmenter.segment(piece), ({ segment }) => ({ text: segment })),
  );
}

/** Word lists arrive unsorted (U14). Where the text agrees with their times, the times know the order. */
function sortIfTextAgrees(words: Word[], text: string): Word[] {
  const falls = words.some((word, index) => (word.start ?? 0) < (words[index - 1]?.start ?? 0));
  if (!falls || words.some(({ start }) => start === undefined)) return words;
  const letters = (from: readonly Word[]): string =>
    lettersOf(from.map((word) => word.text).join(""));
  const wanted = lettersOf(text);
  if (wanted === letters(words)) return words;
  const sorted = words.toSorted((a, b) => (a.start ?? 0) - (b.start ?? 0));
  return wanted === letters(sorted) ? sorted : words;
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}]/gu, "");
}

/** Where the words of a segment were spoken, and whether somebody heard that or it is a guess. */
function segmentSpan(
  segment: Segment,
  words: readonly Word[],
  reached: number,
  nextStart: number | undefined,
): { span: Span; trusted: boolean } {
  const { start, end } = segment;
  const finite = start !== undefined && Number.isFinite(start) && start >= 0;
  if (finite && end !== undefined && Number.isFinite(end) && end > start) {
    return { span: { start, end }, trusted: true };
  }
  const from = finite ? start : (words.find((word) => word.start !== undefined)?.start ?? reached);
  const need = words.reduce((sum, word) => sum + spokenSeconds(word.text), 0);
  const room = nextStart !== undefined && nextStart > from ? nextStart - from : Infinity;
  const last = words.findLast((word) => word.end !== undefined)?.end ?? 0;
  return {
    span: { start: from, end: Math.max(last, from + Math.min(need, room)) },
    trusted: false,
  };
}

function placeSegment(segment: Segment, words: readonly Word[], language: string | undefined) {
  const texts = words.map((word) => word.text);
  const placed = placeWords(foldText(segment.text), texts);
  if (placed !== undefined) return placed;
  return texts.map((text, index) => ({
    text,
    spaceBefore: needsSpace(texts[index - 1] ?? " ", text, words[index]?.language ?? language),
  }));
}

/** Between segments no text tells the spacing: script and language do. */
function spaceSegments(tokens: readonly Token[]): Token[] {
  return tokens.map((token, index) => {
    const before = tokens[index - 1];
    if (before?.segment === token.segment) return token;
    const spaceBefore = before !== undefined && needsSpace(before.text, token.text, token.language);
    return { ...token, spaceBefore };
  });
}

/** A word without a speaker takes that of the nearer neighbor in time, and says so (P12). */
function inheritSpeakers(tokens: readonly Token[]): Token[] {
  if (tokens.every((token) => token.speaker === undefined)) return [...tokens];
  const following: (Token | undefined)[] = [];
  for (let index = tokens.length - 1, seen: Token | undefined; index >= 0; index -= 1) {
    following[index] = seen;
    if (tokens[index]?.speaker !== undefined) seen = tokens[index];
  }
  let previous: Token | undefined;
  return tokens.map((token, index) => {
    if (token.speaker !== undefined) {
      previous = token;
      return token;
    }
    const next = following[index];
    const toPrevious = previous === undefined ? Infinity : token.start - previous.end;
    const toNext = next === undefined ? Infinity : next.start - token.end;
    const speaker = (toPrevious <= toNext ? previous : next)?.speaker;
    return { ...token, speaker, speakerInferred: true };
  });
}

/** Tokens whose seam lies inside a grapheme cluster become one, so that no layout can cut it. */
function fuseTokens(tokens: readonly Token[]): Token[] {
  const fused: Token[] = [];
  for (const token of tokens) {
    const last = fused.at(-1);
    if (last !== undefined && !token.spaceBefore && fuses(last.text, token.text)) {
      fused[fused.length - 1] = {
        ...last,
        text: last.text + token.text,
        end: Math.max(last.end, token.end),
        estimated: last.estimated || token.estimated,
      };
    } else {
      fused.push(token);
    }
  }
  return fused;
}
