import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formats } from "../../src/captions/formats.ts";
import { PRESETS, type CaptionLimits } from "../../src/captions/presets.ts";
import { STABILITY } from "../../src/captions/stabilizer.ts";

const page = readFileSync(new URL("../../docs/captions.md", import.meta.url), "utf8");

/** The cells of the table row that begins with `name` in code type. */
function row(name: string): string[] {
  const line = page.split("\n").find((text) => text.startsWith(`| \`${name}\``)) ?? "";
  return line
    .split("|")
    .slice(2, -1)
    .map((cell) => cell.trim());
}

const seconds = (value: number): string =>
  value > 0 && Number.isFinite(value) ? `${Number(value.toFixed(3))} s` : "–";

function presetRow(limits: CaptionLimits): string[] {
  const shortest =
    limits.minSecondsPerWord > 0
      ? `${limits.minSecondsPerWord} s a word`
      : seconds(limits.minDurationSeconds);
  const columns = `${limits.maxCharactersPerSecond} columns/s`;
  const words = `${limits.maxWordsPerMinute} words/min`;
  const speed = Number.isFinite(limits.maxCharactersPerSecond) ? columns : words;
  const unlimited = speed.startsWith("Infinity");
  return [
    `${limits.maxLineWidth} × ${limits.maxLineCount}`,
    shortest,
    seconds(limits.maxDurationSeconds),
    unlimited ? "–" : speed,
    seconds(limits.gapSeconds),
  ];
}

describe("docs/captions.md", () => {
  test.each(Object.entries(PRESETS))("states the limits of %s as they are", (name, limits) => {
    expect(row(name)).toEqual(presetRow(limits));
  });

  test.each(Object.entries(STABILITY))(
    "states the rules of stability %s as they are",
    (name, rules) => {
      const { hypotheses, surviveMs, maxTailMs, heldWords } = rules;
      expect(row(name).slice(-4)).toEqual([
        String(hypotheses),
        `${surviveMs / 1000} s`,
        `${maxTailMs / 1000} s`,
        String(heldWords),
      ]);
    },
  );

  test("names every format and every limit", () => {
    const names = [...Object.keys(formats), ...Object.keys(PRESETS.netflix)];
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
