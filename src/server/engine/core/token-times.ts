/** Word times out of the runtime's tokens, for the kinds of models that give them. */
import type { TimedText } from "./spread.ts";

/** A last token is taken to last this long, because only starts are given. */
const LAST_TOKEN_SECONDS = 0.2;
const SAMPLE_RATE = 16_000;
const BOUNDARY = /^[\u2581 ]/u;

/**
 * Joins tokens to words.
 * @param timestamps seconds since the piece began, one for each token.
 * @param audioFrame position of the piece's first sample.
 * @returns nothing when the tokens do not spell the words.
 */
export function timeByTokens(
  words: readonly string[],
  tokens: readonly string[],
  timestamps: readonly number[],
  audioFrame: number,
): TimedText[] | undefined {
  if (tokens.length === 0 || tokens.length !== timestamps.length) return undefined;
  const frames = timestamps.map((seconds) => audioFrame + Math.round(seconds * SAMPLE_RATE));
  const starts: number[] = [];
  const spelled: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const text = token.replaceAll(/[\u2581 ]/gu, "");
    if (index === 0 || BOUNDARY.test(token)) {
      starts.push(index);
      spelled.push(text);
    } else spelled.push(`${spelled.pop() ?? ""}${text}`);
  }
  if (spelled.join(" ") !== words.join(" ")) return undefined;
  const lastFrame = (frames.at(-1) ?? audioFrame) + LAST_TOKEN_SECONDS * SAMPLE_RATE;
  return words.map((text, index) => ({
    text,
    startFrame: frames[starts[index] ?? 0] ?? audioFrame,
    endFrame: frames[starts[index + 1] ?? frames.length] ?? lastFrame,
  }));
}
