import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  Stabilizer,
  type HypothesisEvent,
  type StabilizerOptions,
} from "../../src/captions/stabilizer.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

const events = read("../fixtures/hypotheses/reading.jsonl")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as HypothesisEvent & { readonly atMs: number });

function replay(options: StabilizerOptions): { settled: string; stabilizer: Stabilizer } {
  const stabilizer = new Stabilizer(options);
  let settled = "";
  for (const event of events) {
    for (
      let due = stabilizer.nextTimeout();
      due !== undefined && due < event.atMs;
      due = stabilizer.nextTimeout()
    ) {
      settled += stabilizer.tick(due)?.commit ?? "";
    }
    settled += stabilizer.push(event.atMs, event)?.commit ?? "";
  }
  stabilizer.flush((events.at(-1)?.atMs ?? 0) + 1000);
  return { settled, stabilizer };
}

const SETTINGS: Readonly<Record<string, StabilizerOptions>> = {
  "only finals": { hypotheses: Infinity, surviveMs: Infinity, maxTailMs: Infinity },
  low: { stability: "low" },
  medium: { stability: "medium" },
  high: { stability: "high" },
};

/** The cells behind `name` in the last table of docs/captions.md. */
function documented(name: string): string[] {
  const line = read("../../docs/captions.md")
    .split("\n")
    .findLast((text) => new RegExp(`^\\| ${name} +\\|`, "u").test(text));
  return (line ?? "")
    .split("|")
    .slice(2, -1)
    .map((cell) => cell.trim());
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const bare = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N} ]/gu, "");

describe("a recorded session", () => {
  test.each(Object.entries(SETTINGS))(
    "costs with %s what docs/captions.md says",
    (name, options) => {
      const metrics = replay(options).stabilizer.metrics();
      expect(documented(name)).toEqual([
        `${metrics.erasure.toFixed(2)} a word`,
        String(metrics.wrongWords + metrics.missedWords),
        seconds(metrics.meanFirstSeenMs),
        seconds(metrics.meanCommitMs),
        seconds(metrics.maxCommitMs),
      ]);
    },
  );

  test.each(Object.entries(SETTINGS))("ends with %s on the words of the finals", (_, options) => {
    const finals = events.filter(({ type }) => type === "final").flatMap(({ words }) => words);
    expect(bare(replay(options).settled)).toBe(bare(finals.map(({ text }) => text).join(" ")));
  });
});
