/** Help texts, from the same tables that the parser reads; every line fits 80 columns, or the terminal. */
import type { Command, OptionSpec } from "./command.ts";

const WIDTH = 80;

const USAGE = "Usage: ";

/** Below this an option's text stands under its name. */
const NARROW = 60;

/** @param columns of the terminal; more than 80 change nothing. */
export function commandHelp(command: Command, columns: number = WIDTH): string {
  const width = Math.max(20, Math.min(WIDTH, columns));
  const usage = `everyword ${command.name} ${command.positionals} [options]`.replace(/ +/gu, " ");
  const lines = wrap(usage, width - USAGE.length).map(
    (line, i) => (i === 0 ? USAGE : " ".repeat(USAGE.length)) + line,
  );
  lines.push("", ...wrap(command.about, width));
  const groups = groupOptions(command.options);
  for (const [group, specs] of groups) {
    lines.push("", `${group}:`);
    for (const spec of specs) lines.push(...optionLines(spec, width));
  }
  lines.push("", "Examples:", ...command.examples.map((example) => `  ${example}`), "");
  return lines.join("\n");
}

function groupOptions(options: readonly OptionSpec[]): Map<string, OptionSpec[]> {
  const groups = new Map<string, OptionSpec[]>();
  for (const spec of options) {
    if (spec.ignored === true) continue;
    groups.set(spec.group, [...(groups.get(spec.group) ?? []), spec]);
  }
  return groups;
}

/** How an option is written: `-o, --output-dir DIR`. */
export function optionUsage(spec: OptionSpec): string {
  const short = spec.short === undefined ? "" : `-${spec.short}, `;
  return `${short}--${spec.name}${spec.value === undefined ? "" : ` ${spec.value}`}`;
}

function optionLines(spec: OptionSpec, width: number): string[] {
  const head = `  ${spec.short === undefined ? "    " : ""}${optionUsage(spec)}`;
  const column = width < NARROW ? 6 : 30;
  const text = wrap(spec.help, width - column);
  if (head.length > column - 2) return [head, ...text.map((line) => " ".repeat(column) + line)];
  return text.map((line, i) => (i === 0 ? head.padEnd(column) : " ".repeat(column)) + line);
}

/** Greedy wrapping at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
