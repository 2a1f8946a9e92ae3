import { describe, expect, test } from "vitest";
import { textWidth } from "../../src/captions/graphemes.ts";
import { Stabilizer } from "../../src/captions/stabilizer.ts";
import { levelMeter, toDecibels } from "../../src/cli/level-meter.ts";
import { LiveScreen } from "../../src/cli/screen.ts";
import { wrapRows } from "../../src/cli/wrap.ts";
import { generateTalk } from "../captions/hypotheses.ts";
import { seeded } from "../captions/generate.ts";
import { Terminal } from "./terminal.ts";

const wrapped = (text: string, width: number): string[] =>
  wrapRows(text, width).map(({ start, end }) => text.slice(start, end));

describe("wrapping", () => {
  test.each([
    ["the boats came in", 9, ["the boats", "came in"]],
    ["incomprehensible", 6, ["incomp", "rehens", "ible"]],
    ["今日はいい天気", 6, ["今日は", "いい天", "気"]],
    ["a👩‍👩‍👧‍👦b", 2, ["a", "👩‍👩‍👧‍👦", "b"]],
    ["", 5, [""]],
  ])("“%s” in %d columns", (text, width, rows) => {
    expect(wrapped(text, width)).toEqual(rows);
  });

  test("appending never changes a row but the last", () => {
    const text = "the harbor 今日は was dark and incomprehensibly cold when boats came in";
    const broken = Array.from({ length: text.length }, (_, index) => index + 1).filter((length) => {
      if (text[length] !== " ") return false;
      const before = wrapped(text.slice(0, length), 11).slice(0, -1);
      return before.some((row, index) => row !== wrapped(text, 11)[index]);
    });
    expect(broken).toEqual([]);
  });
});

const at = (width: number, height = 10): [LiveScreen, Terminal] => [
  new LiveScreen({ width, height }, { color: true }),
  new Terminal(width),
];

describe("live captions on a terminal", () => {
  test("words in progress stand behind the settled ones, dimmed", () => {
    const [screen] = at(40);
    expect(screen.show("It was", " late")).toBe("It was\u001B[2m late\u001B[0m");
  });

  test("only the rows that changed are written again", () => {
    const [screen] = at(12);
    screen.show("one two three", " four");
    expect(screen.show("", " five")).toBe("\rthree\u001B[2m five\u001B[0m\u001B[K\u001B[J");
  });

  test("the same again writes nothing", () => {
    const [screen] = at(40);
    screen.show("It was", " late");
    expect(screen.show("", " late")).toBe("");
  });

  test("a note stands above the words in progress", () => {
    const [screen, terminal] = at(30);
    terminal.write(screen.show("It was", " late"));
    terminal.write(screen.note("connection lost"));
    expect(terminal.rows()).toEqual(["It was", "connection lost", "late"]);
  });

  test("a new utterance begins a new line, and the end leaves a fresh one", () => {
    const [screen, terminal] = at(30);
    terminal.write(screen.show("It was late.", ""));
    terminal.write(screen.breakLine());
    terminal.write(screen.show("Yes.", " no"));
    terminal.write(screen.close());
    expect(terminal.rows()).toEqual(["It was late.", "Yes.", ""]);
  });

  test("a status row stays below and never wraps", () => {
    const [screen, terminal] = at(12);
    terminal.write(screen.status("████ -20 dB and more"));
    terminal.write(screen.show("It was", " late again"));
    expect(terminal.rows()).toEqual(["It was late", "again", "████ -20 dB"]);
  });

  test("what is heard cannot command the terminal", () => {
    const [screen] = at(60);
    expect(screen.show("\u001B[2Jgone\u0007", "\r\u001B]0;title\u0007")).toBe(
      "[2Jgone\u001B[2m ]0;title\u001B[0m",
    );
  });

  test("words in progress take no more rows than the window has", () => {
    const [screen, terminal] = at(10, 4);
    terminal.write(screen.show("", "one two three four five six seven eight nine ten"));
    expect(terminal.rows()).toEqual(["four five", "six seven", "eight", "nine ten"].slice(1));
  });
});

/** What is wrong with the screen during one talk: rows that changed after they were full, or text that is not there. */
function faults(seed: number, resizing: boolean): string[] {
  const random = seeded(seed);
  const width = 8 + Math.floor(random() * 60);
  const screen = new LiveScreen({ width, height: 30 }, { color: random() < 0.5 });
  const terminal = new Terminal(width);
  const stabilizer = new Stabilizer({ stability: "low" });
  let settled = "";
  const found: string[] = [];
  for (const { nowMs, event } of generateTalk(seed, { errors: 0.3 }).events) {
    const update = stabilizer.push(nowMs, event);
    if (update === undefined) continue;
    settled += update.commit;
    terminal.write(screen.show(update.commit, update.tail));
    if (resizing && random() < 0.2) {
      terminal.width = 8 + Math.floor(random() * 60);
      terminal.write(screen.resize({ width: terminal.width, height: 30 }));
    }
    const words = terminal
      .rows()
      .join(" ")
      .split(/\s+/u)
      .filter((word) => word !== "")
      .join(" ");
    const wanted = (settled + update.tail).trim();
    if (!resizing && words !== wanted) found.push(`seed ${seed}: “${words}” for “${wanted}”`);
    // A row that a narrower window cut in mid-word is no fault of the painter.
    if (resizing && words.replaceAll(" ", "") !== wanted.replaceAll(" ", ""))
      found.push(`seed ${seed}: “${words}” for “${wanted}”`);
  }
  terminal.write(screen.close());
  return [...found, ...terminal.unknown].slice(0, 1);
}

describe("60 talks in windows of any width", () => {
  const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);

  test("the screen always shows the settled text and the tail, nothing twice, nothing lost", () => {
    expect(SEEDS.flatMap((seed) => faults(seed, false))).toEqual([]);
  });

  test("also when the window is resized in the middle", () => {
    expect(SEEDS.flatMap((seed) => faults(seed, true))).toEqual([]);
  });
});

describe("the level meter", () => {
  test("is as wide as asked and says how loud it is", () => {
    const meter = levelMeter({ rms: 0.1, peak: 0.5 }, 40);
    expect([textWidth(meter), meter.endsWith(" -20 dB"), meter.includes("│")]).toEqual([
      40,
      true,
      true,
    ]);
  });

  test("silence is empty, full scale is full and says so", () => {
    expect(levelMeter({ rms: 0, peak: 0 }, 20).trim()).toBe("-60 dB");
    expect(levelMeter({ rms: 1, peak: 1 }, 30)).toBe("█████████████    0 dB clipping");
  });

  test("decibels of half the amplitude are 6 fewer", () => {
    expect(toDecibels(1) - toDecibels(0.5)).toBeCloseTo(6.02, 2);
  });
});
