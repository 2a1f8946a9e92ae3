/** Whether a transcript says what was spoken, word by word and in time. Pure. */
import { WIRE_RATE } from "../../stream/core/wire.ts";
import type { Word } from "../../transcript.ts";
import type { SpokenWord } from "../tone-speech.ts";

/** How a transcript differs from what was said. */
export interface TranscriptReport {
  /** Spoken and not in the transcript. */
  readonly missing: readonly string[];
  /** In the transcript and not spoken: doubled, invented or cut. */
  readonly extra: readonly string[];
  /** Words whose start is off by more than the tolerance, with the seconds they are off. */
  readonly shifted: readonly { readonly text: string; readonly bySeconds: number }[];
  /** Missing and extra words ÷ spoken words. */
  readonly errorRate: number;
}

/** What counts as right. */
export interface CheckOptions {
  /** How far a word's start may be off. Default 0.005. */
  readonly toleranceSeconds?: number;
  /** Words to leave out, say those of a reported gap. Default none. */
  readonly except?: (word: SpokenWord) => boolean;
}

/**
 * Aligns a transcript with what was spoken. Takes time in proportion to the product of both
 * lengths: fit for up to some thousand words.
 */
export function compareTranscript(
  heard: readonly Word[],
  spoken: readonly SpokenWord[],
  options: CheckOptions = {},
): TranscriptReport {
  const expected = spoken.filter((word) => options.except?.(word) !== true);
  const table = lengthsOfCommon(heard, expected);
  const missing: string[] = [];
  const extra: string[] = [];
  const shifted: { text: string; bySeconds: number }[] = [];
  let [i, j] = [0, 0];
  while (i < heard.length || j < expected.length) {
    const [word, wanted] = [heard[i], expected[j]];
    if (word !== undefined && wanted !== undefined && word.text === wanted.text) {
      const by = (word.start ?? wanted.startFrame / WIRE_RATE) - wanted.startFrame / WIRE_RATE;
      if (Math.abs(by) > (options.toleranceSeconds ?? 0.005)) {
        shifted.push({ text: word.text, bySeconds: by });
      }
      [i, j] = [i + 1, j + 1];
    } else if (
      wanted === undefined ||
      (word !== undefined && (table[i + 1]?.[j] ?? 0) >= (table[i]?.[j + 1] ?? 0))
    ) {
      extra.push(word?.text ?? "");
      i++;
    } else {
      missing.push(wanted.text);
      j++;
    }
  }
  const errorRate = (missing.length + extra.length) / Math.max(1, expected.length);
  return { missing, extra, shifted, errorRate };
}

/**
 * @throws Error that lists what is missing, extra and shifted.
 * @example
 * assertTranscript(transcriptWords(transcript), speech.words);
 */
export function assertTranscript(
  heard: readonly Word[],
  spoken: readonly SpokenWord[],
  options: CheckOptions = {},
): void {
  const report = compareTranscript(heard, spoken, options);
  const complaints: string[] = [];
  if (report.missing.length > 0) complaints.push(`missing: ${report.missing.join(" ")}`);
  if (report.extra.length > 0) complaints.push(`extra: ${report.extra.join(" ")}`);
  if (report.shifted.length > 0) {
    const words = report.shifted.map((word) => `${word.text} by ${word.bySeconds.toFixed(4)} s`);
    complaints.push(`shifted: ${words.join(", ")}`);
  }
  if (complaints.length > 0) {
    throw new Error(`The transcript is not what was spoken; ${complaints.join("; ")}.`);
  }
}

/** Length of the longest common subsequence of every pair of tails. */
function lengthsOfCommon(heard: readonly Word[], spoken: readonly SpokenWord[]): Uint32Array[] {
  const width = spoken.length + 1;
  const table = Array.from({ length: heard.length + 1 }, () => new Uint32Array(width));
  for (let i = heard.length - 1; i >= 0; i--) {
    const [row, next] = [table[i], table[i + 1]];
    if (row === undefined || next === undefined) continue;
    for (let j = spoken.length - 1; j >= 0; j--) {
      row[j] =
        heard[i]?.text === spoken[j]?.text
          ? (next[j + 1] ?? 0) + 1
          : Math.max(next[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}
