import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { StableText } from "../../../src/cli/live/stable-view.ts";
import type { SessionEvent } from "../../../src/stream/core/events.ts";
import { Terminal } from "../terminal.ts";

const recorded = readFileSync(
  new URL("../../fixtures/hypotheses/reading.jsonl", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n")
  .map(
    (line) =>
      JSON.parse(line) as Extract<SessionEvent, { type: "interim" | "final" }> & { atMs: number },
  );

const END: SessionEvent = {
  type: "end",
  reason: "complete",
  audioSeconds: 26,
  words: 67,
  gaps: 0,
  reconnects: 0,
};

interface Played {
  readonly rows: string[];
  /** Rows that were on the screen above the last six and were changed later. */
  readonly changed: number;
}

type During = (view: StableText, terminal: Terminal, index: number) => string;

/** Plays the recording into a terminal, with every tick at its time. */
function play(width: number, during: During = () => ""): Played {
  const terminal = new Terminal(width);
  const view = new StableText({
    size: () => ({ width: terminal.width, height: 6 }),
    color: true,
    quiet: false,
    stability: "medium",
  });
  let scrolled: string[] = [];
  let changed = 0;
  terminal.write(view.show({ type: "connected", connection: 1 }, 0).out);
  recorded.forEach((event, index) => {
    for (
      let due = view.nextTimeout();
      due !== undefined && due < event.atMs;
      due = view.nextTimeout()
    ) {
      terminal.write(view.tick(due));
    }
    terminal.write(view.show(event, event.atMs).out);
    terminal.write(during(view, terminal, index));
    changed += scrolled.filter((row, at) => terminal.rows()[at] !== row).length;
    scrolled = terminal.rows().slice(0, -6);
  });
  terminal.write(view.show(END, (recorded.at(-1)?.atMs ?? 0) + 1).out);
  return { rows: terminal.rows(), changed };
}

describe("a recorded session on a terminal", () => {
  test("80 columns: each utterance on lines of its own, nothing changed once it scrolled", () => {
    expect(play(80)).toEqual({
      rows: [
        "And Mr. John Dashwood had then leisure to consider how much there might be",
        "prudently in his power to do for them.",
        "He was not an ill-sposed young man.",
        "Unless to be rather cold-hearted and rather selfish, is to be ill-disposed,",
        "Had he married a more amiable woman, he might have been made still more",
        "respectable than he was.",
        "He might even have been made amiable himself.",
        "",
      ],
      changed: 0,
    });
  });

  test("40 columns", () => {
    const { rows, changed } = play(40);
    expect([rows.slice(0, 3), rows.every((row) => row.length < 40), changed]).toEqual([
      [
        "And Mr. John Dashwood had then leisure",
        "to consider how much there might be",
        "prudently in his power to do for them.",
      ],
      true,
      0,
    ]);
  });

  test("resized in the middle, with a warning between: every word once", () => {
    const lost: SessionEvent = { type: "warning", code: "lost", message: "connection lost" };
    const { rows } = play(80, (view, terminal, index) => {
      if (index === 5) terminal.width = 33;
      if (index === 5) return view.resize();
      return index === 9 ? view.show(lost, recorded[index]?.atMs ?? 0).out : "";
    });
    const warning = rows.findIndex((row) => row.includes("connection lost"));
    expect(warning).toBeGreaterThan(0);
    const said = recorded
      .filter(({ type }) => type === "final")
      .flatMap(({ words }) => words.map(({ text }) => text));
    const shown = rows
      .filter((_, index) => index !== warning)
      .join(" ")
      .split(/\s+/u)
      .filter((word) => word !== "");
    expect(shown).toEqual(said);
  });
});
