import { describe, expect, it } from "vitest";
import type { OptionSpec } from "../../src/cli/command.ts";
import { parseOptions } from "../../src/cli/parse.ts";

const specs: OptionSpec[] = [
  { name: "max-line-width", value: "N", group: "g", help: "h" },
  { name: "word-timestamps", group: "g", help: "h" },
  { name: "prompt", value: "TEXT", group: "g", help: "h", aliases: ["initial-prompt"] },
  {
    name: "format",
    short: "f",
    value: "F",
    group: "g",
    help: "h",
    multiple: true,
    split: true,
    choices: ["srt", "vtt"],
  },
  { name: "beam-size", value: "N", group: "g", help: "h", ignored: true },
];
const parse = (...argv: string[]) => parseOptions(argv, specs);

describe("parseOptions", () => {
  it("takes _ and - alike", () => {
    expect(parse("--max_line_width", "42").values.integer("max-line-width", 1, 100)).toBe(42);
  });

  it.each([
    ["--word_timestamps", "True", true],
    ["--word-timestamps", "false", false],
    ["--word-timestamps=False", "x", false],
    ["--no-word-timestamps", "x", false],
    ["--word-timestamps", "x", true],
  ])("reads %s %s as %s", (flag, next, expected) => {
    expect(parse(flag, next).values.flag("word-timestamps")).toBe(expected);
  });

  it("leaves a file named like a file alone after a flag", () => {
    expect(parse("--word-timestamps", "talk.wav").positionals).toEqual(["talk.wav"]);
  });

  it("keeps an underscore in a value", () => {
    expect(parse("--prompt=a_b").values.text("prompt")).toBe("a_b");
  });

  it("knows other spellings of an option", () => {
    expect(parse("--initial_prompt", "x").values.text("prompt")).toBe("x");
  });

  it("splits and gathers lists", () => {
    expect(parse("-f", "srt,vtt", "--format", "srt").values.list("format")).toEqual([
      "srt",
      "vtt",
      "srt",
    ]);
  });

  it("names what it ignores", () => {
    expect(parse("--beam_size", "5").ignored).toEqual(["beam-size"]);
  });

  it.each([
    [
      ["--max-line-wdith", "4"],
      "There is no option --max-line-wdith; did you mean --max-line-width?",
    ],
    [["--prompt"], "--prompt needs a value: --prompt TEXT."],
    [["--format", "doc"], '--format must be one of srt, vtt, not "doc".'],
    [
      ["--api-key", "x"],
      "There is no --api-key: everyone on the machine could read it; use --api-key-file FILE or FIREWORKS_API_KEY.",
    ],
  ])("refuses %j in one sentence", (argv, message) => {
    expect(() => parse(...argv)).toThrow(message);
  });

  it.each(["0", "x", "", "1e9"])("refuses %j as a width from 1 to 100", (text) => {
    expect(() =>
      parse(`--max-line-width=${text}`).values.integer("max-line-width", 1, 100),
    ).toThrow("--max-line-width must be a number from 1 to 100");
  });
});
