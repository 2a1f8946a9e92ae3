/** What it costs to break before each token of a stretch of speech. */
import { breakCost, endsSentence, neverBegins, punctuationSide } from "./syntax.ts";
import { graphemes, splitByWidth, textWidth, wordSegmenter } from "./graphemes.ts";
import type { Token } from "./tokens.ts";

/** Breaking inside a word of a script without spaces: possible, never pretty. */
const INSIDE_WORD = 1.8;

/** Breaking inside one word that is wider than a line. */
const INSIDE_TOKEN = 2.5;

/** Tokens looked up in the dictionary at once. */
const LONGEST_RUN = 500;

export interface Seam {
  /** 0 to 8, see {@link breakCost}. */
  readonly cost: number;
  readonly sentenceEnd: boolean;
}

/** A token, or a part of one that is wider than a line. */
export interface Piece extends Token {
  /** True for all parts of a token but the first. */
  readonly continues: boolean;
  /** Columns. */
  readonly width: number;
}

/** Tokens cut so that each fits a line of `maxWidth` columns; times are shared out by width. */
export function fitTokens(tokens: readonly Token[], maxWidth: number): Piece[] {
  return attachPunctuation(tokens).flatMap((token): Piece[] => {
    const width = textWidth(token.text);
    if (width <= maxWidth) return [{ ...token, continues: false, width }];
    const total = Math.max(1, width);
    let done = 0;
    return cutToken(token.text, maxWidth).map((text, index) => {
      const part = textWidth(text);
      const start = token.start + ((token.end - token.start) * done) / total;
      done += part;
      return {
        ...token,
        text,
        start,
        end: token.start + ((token.end - token.start) * done) / total,
        spaceBefore: index === 0 && token.spaceBefore,
        estimated: true,
        continues: index > 0,
        width: part,
      };
    });
  });
}

/** Pieces of at most `maxWidth` columns; none begins with a sign that belongs to what is before it, if that can be helped. */
function cutToken(text: string, maxWidth: number): string[] {
  const parts = splitByWidth(text, maxWidth);
  for (let index = parts.length - 1; index > 0; index -= 1) {
    const before = graphemes(parts[index - 1] ?? "");
    let part = parts[index] ?? "";
    let kept = before.length;
    while (kept > 1 && neverBegins(part)) {
      kept -= 1;
      part = (before[kept] ?? "") + part;
    }
    if (neverBegins(part) || textWidth(part) > maxWidth) continue;
    parts[index] = part;
    parts[index - 1] = before.slice(0, kept).join("");
  }
  return parts;
}

/** Scripts without spaces come with punctuation as words: it is set with the word it belongs to. */
function attachPunctuation(tokens: readonly Token[]): Token[] {
  const attached: Token[] = [];
  for (const token of tokens) {
    const last = attached.at(-1);
    const joins =
      last !== undefined &&
      !token.spaceBefore &&
      last.speaker === token.speaker &&
      (punctuationSide(token.text) === "before" || punctuationSide(last.text) === "behind");
    if (!joins) attached.push(token);
    else {
      attached[attached.length - 1] = {
        ...last,
        text: last.text + token.text,
        end: Math.max(last.end, token.end),
        estimated: last.estimated || token.estimated,
      };
    }
  }
  return attached;
}

/** One seam for each token: the one before it. The first has nothing before it and costs nothing. */
export function readSeams(tokens: readonly Piece[]): Seam[] {
  const inside = insideWords(tokens);
  return tokens.map((token, index) => {
    const before = tokens[index - 1];
    if (before === undefined) return { cost: 0, sentenceEnd: false };
    if (token.continues) return { cost: INSIDE_TOKEN, sentenceEnd: false };
    const sentenceEnd = endsSentence(before, token);
    const cost = breakCost(before, token);
    return { cost: inside.has(index) ? Math.max(cost, INSIDE_WORD) : cost, sentenceEnd };
  });
}

/** Tokens that continue a dictionary word of a script without spaces. A run of tokens is bounded, so that memory is. */
function insideWords(tokens: readonly Piece[]): Set<number> {
  const inside = new Set<number>();
  let index = 0;
  while (index < tokens.length) {
    let stop = index + 1;
    while (
      stop < tokens.length &&
      tokens[stop]?.spaceBefore === false &&
      stop - index < LONGEST_RUN
    ) {
      stop += 1;
    }
    if (stop - index > 1) markInside(tokens, index, stop, inside);
    index = stop;
  }
  return inside;
}

function markInside(tokens: readonly Piece[], from: number, to: number, inside: Set<number>): void {
  const run = tokens.slice(from, to);
  const text = run.map((token) => token.text).join("");
  const boundaries = new Set<number>();
  for (const { index } of wordSegmenter(run[0]?.language).segment(text)) boundaries.add(index);
  let offset = 0;
  run.forEach((token, position) => {
    if (position > 0 && !boundaries.has(offset)) inside.add(from + position);
    offset += token.text.length;
  });
}
