import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  Stabilizer,
  type HypothesisEvent,
  type StabilizerOptions,
} from "../../src/captions/stabilizer.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

type RecordedEvent = HypothesisEvent & { readonly atMs: number };

const RECORDINGS = ["reading", "reading-base", "prompt-echotest", "prompt-voicemail"];

function eventsOf(recording: string): RecordedEvent[] {
  return read(`../fixtures/hypotheses/${recording}.jsonl`)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordedEvent);
}

function replay(
  events: readonly RecordedEvent[],
  options: StabilizerOptions,
): { settled: string; stabilizer: Stabilizer } {
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

/** The rows of a recording in the table of docs/benchmarks.md, without its name. */
function documented(recording: string): string[][] {
  return read("../../docs/benchmarks.md")
    .split("\n")
    .filter((line) => line.startsWith(`| \`${recording}\` `))
    .map((line) =>
      line
        .split("|")
        .slice(2, -1)
        .map((cell) => cell.trim()),
    );
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const bare = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N} ]/gu, "");

describe.each(RECORDINGS)("the recorded session %s", (recording) => {
  const events = eventsOf(recording);

  test("costs with each setting what docs/benchmarks.md says", () => {
    const measured = Object.entries(SETTINGS).map(([name, options]) => {
      const metrics = replay(events, options).stabilizer.metrics();
      return [
        name,
        String(metrics.finalWords),
        metrics.erasure.toFixed(2),
        String(metrics.wrongWords + metrics.missedWords),
        seconds(metrics.meanFirstSeenMs),
        seconds(metrics.meanCommitMs),
        seconds(metrics.maxCommitMs),
      ];
    });
    expect(documented(recording)).toEqual(measured);
  });

  test("ends with the words of the finals, but for those that were committed wrongly", () => {
    const finals = events.filter(({ type }) => type === "final").flatMap(({ words }) => words);
    const said = bare(finals.map(({ text }) => text).join(" "));
    const ends = Object.entries(SETTINGS).map(([name, options]) => {
      const { settled, stabilizer } = replay(events, options);
      const { wrongWords, missedWords } = stabilizer.metrics();
      return [name, wrongWords + missedWords > 0 || bare(settled) === said];
    });
    expect(ends).toEqual(Object.keys(SETTINGS).map((name) => [name, true]));
  });
});
