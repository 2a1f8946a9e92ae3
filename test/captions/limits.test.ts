import { describe, expect, test } from "vitest";
import type { Cue, CueLimit } from "../../src/captions/cue.ts";
import { toCues } from "../../src/captions/cues.ts";
import { graphemes, textWidth } from "../../src/captions/graphemes.ts";
import { PRESETS, type CaptionLimits, type PresetName } from "../../src/captions/presets.ts";
import { generateTranscript } from "./generate.ts";

const NAMES = Object.keys(PRESETS) as PresetName[];
const SEEDS = Array.from({ length: 60 }, (_, index) => 1000 + index);
const SLACK = 0.002;

/** The limits that `cue` breaks, worked out without the layout's help. */
function violations(cue: Cue, next: Cue | undefined, limits: CaptionLimits): CueLimit[] {
  const seconds = cue.end - cue.start;
  const words = cue.words?.length ?? 0;
  const columns = cue.lines.reduce((sum, line) => sum + textWidth(line), 0);
  const found: CueLimit[] = [];
  const least = Math.max(limits.minDurationSeconds, limits.minSecondsPerWord * words);
  if (seconds < least - SLACK) found.push("min-duration");
  if (seconds > limits.maxDurationSeconds + SLACK) found.push("max-duration");
  const tooFast =
    columns > limits.maxCharactersPerSecond * (seconds + SLACK) ||
    words * 60 > limits.maxWordsPerMinute * (seconds + SLACK);
  if (tooFast) found.push("reading-speed");
  const gap = next === undefined ? Infinity : next.start - cue.end;
  if (gap < -SLACK) found.push("overlap");
  else if (gap < limits.gapSeconds - SLACK) found.push("gap");
  return found;
}

/** What is wrong with the cues of one transcript, as sentences. */
function faults(seed: number, preset: PresetName): string[] {
  const limits = PRESETS[preset];
  const cues = toCues(generateTranscript(seed), { preset });
  return cues.flatMap((cue, index) => {
    const where = `seed ${seed}, cue ${index}:`;
    const next = cues[index + 1];
    const said = new Set(cue.broken?.map(({ limit }) => limit));
    const silent = violations(cue, next, limits).filter((limit) => !said.has(limit));
    return [
      ...silent.map((limit) => `${where} breaks ${limit} and does not say so`),
      ...cue.lines
        .filter((line) => textWidth(line) > limits.maxLineWidth)
        .map(() => `${where} a line is too wide`),
      ...(cue.lines.length > limits.maxLineCount ? [`${where} too many lines`] : []),
      ...(cue.lines.length === 0 || cue.lines.includes("") ? [`${where} an empty line`] : []),
      ...(cue.end > cue.start ? [] : [`${where} ends before it starts`]),
      ...(next !== undefined && next.start < cue.start ? [`${where} starts fall`] : []),
      ...(cutsGrapheme(cue, next) ? [`${where} cuts a grapheme`] : []),
    ];
  });
}

/** Whether a line or a cue ends inside a grapheme cluster. */
function cutsGrapheme(cue: Cue, next: Cue | undefined): boolean {
  const seams = cue.lines.map((line, index) => [line, cue.lines[index + 1] ?? ""] as const);
  const joined = next?.words?.[0]?.spaceBefore === false ? (next.lines[0] ?? "") : "";
  const all = [...seams, [cue.lines.at(-1) ?? "", joined] as const];
  return all.some(([left, right]) => {
    const continues =
      cue.words?.some((word) => word.line > 0 && !word.spaceBefore) === true || joined !== "";
    return (
      continues && graphemes(left + right).length < graphemes(left).length + graphemes(right).length
    );
  });
}

const letters = (texts: readonly string[]): string =>
  Array.from(texts.join("").replaceAll(/[\s\p{Cc}\u{2028}]/gu, ""))
    .toSorted()
    .join("");

describe("whatever the recognizer returns", () => {
  test.each(NAMES)("the limits of %s hold, or the cue says why not", (preset) => {
    expect(SEEDS.flatMap((seed) => faults(seed, preset))).toEqual([]);
  });

  test("every letter is shown once", () => {
    const lossy = SEEDS.filter((seed) => {
      const transcript = generateTranscript(seed);
      const spoken = letters(
        transcript.segments.flatMap((segment) => segment.words.map((word) => word.text)),
      );
      return (["bbc", "social"] as const).some(
        (preset) => letters(toCues(transcript, { preset }).flatMap((cue) => cue.lines)) !== spoken,
      );
    });
    expect(lossy).toEqual([]);
  });

  test("only Western text is clean under cea608", () => {
    const cues = toCues(
      { segments: [{ id: "0", text: "你好 Café", words: [], start: 0, end: 2 }] },
      { preset: "cea608" },
    );
    expect(cues.flatMap((cue) => cue.broken ?? [])).toMatchObject([
      { limit: "characters", value: 2 },
    ]);
  });
});
