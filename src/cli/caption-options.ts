/** The options that shape captions, under whisper's names where whisper has them. */
import type { FormatOptions } from "../captions/formats.ts";
import type { OptionSpec } from "./command.ts";
import { PRESET_NAMES } from "./format-names.ts";
import type { Values } from "./parse.ts";

const GROUP = "Captions";

export const CAPTION_OPTIONS: readonly OptionSpec[] = [
  {
    name: "preset",
    value: "NAME",
    group: GROUP,
    choices: PRESET_NAMES,
    help: "Whose rules captions keep: netflix (default), bbc, cea608, live, social, or whisper's own layout",
  },
  {
    name: "max-line-width",
    value: "N",
    group: GROUP,
    help: "Columns of a line, instead of the preset's",
  },
  { name: "max-line-count", value: "N", group: GROUP, help: "Lines of a caption" },
  { name: "max-words-per-line", value: "N", group: GROUP, help: "Words of a line" },
  {
    name: "highlight-words",
    group: GROUP,
    help: "Repeat each SRT and VTT caption with the spoken word underlined",
  },
  {
    name: "word-tags",
    group: GROUP,
    help: "A time before each word in VTT, for players that paint words",
  },
  {
    name: "speaker-labels",
    group: GROUP,
    help: "Say who speaks, also with one speaker; --no-speaker-labels: never; default: with several",
  },
  {
    name: "roll-up",
    value: "LINES",
    group: GROUP,
    help: "Let 2, 3 or 4 lines of SRT and VTT roll up, one new line at a time",
  },
  { name: "times", group: GROUP, help: "Begin each line of txt with its time" },
  {
    name: "word-timestamps",
    group: GROUP,
    help: "Words with times in json; they are always there",
  },
];

/** @throws EverywordError `usage` for a number out of bounds. */
export function captionOptionsFrom(values: Values): FormatOptions {
  const preset = values.text("preset") as (typeof PRESET_NAMES)[number] | undefined;
  const speakers = values.has("speaker-labels") ? values.flag("speaker-labels") : undefined;
  return {
    ...(preset === undefined ? {} : { preset }),
    ...given("maxLineWidth", values.integer("max-line-width", 4, 1000)),
    ...given("maxLineCount", values.integer("max-line-count", 1, 20)),
    ...given("maxWordsPerLine", values.integer("max-words-per-line", 1, 1000)),
    ...given("rollUp", values.integer("roll-up", 2, 4)),
    ...(values.flag("highlight-words") ? { highlightWords: true } : {}),
    ...(values.flag("word-tags") ? { wordTags: true } : {}),
    ...(values.flag("times") ? { times: true } : {}),
    ...(speakers === undefined ? {} : { speakers, voices: speakers }),
  };
}

function given(key: string, value: number | undefined): Record<string, number> {
  return value === undefined ? {} : { [key]: value };
}
