/** The options that say where results go; shared by the commands that write caption files. */
import type { FormatName } from "../captions/formats.ts";
import type { OptionSpec } from "./command.ts";
import { ALL_FORMATS, FORMAT_NAMES } from "./format-names.ts";
import { DEFAULT_NAME, type OutputWishes } from "./output-plan.ts";
import type { Values } from "./parse.ts";

export const OUTPUT_OPTIONS: readonly OptionSpec[] = [
  {
    name: "output-format",
    short: "f",
    value: "FORMAT",
    group: "Output",
    multiple: true,
    split: true,
    choices: [...FORMAT_NAMES, "all"],
    help: `${FORMAT_NAMES.join(", ")}, or all (${ALL_FORMATS.join(", ")}); comma-joined or repeated`,
  },
  {
    name: "output-dir",
    short: "o",
    value: "DIR",
    group: "Output",
    completes: "folder",
    help: "Where to write; default: the current folder; - prints",
  },
  {
    name: "output-name",
    value: "NAME",
    group: "Output",
    help: `Name of each file: {stem}, {name}, {ext}, {parent}; default ${DEFAULT_NAME}`,
  },
];

/**
 * Without any of the options the text is printed. The extensions come from the caller, so that help
 * need not load the writers.
 *
 * @param printsAlone whether text is printed when nothing is asked for
 */
export function outputWishes(
  values: Values,
  printsAlone: boolean,
  extensionOf: (format: FormatName) => string,
): OutputWishes {
  const asked = [...new Set(values.list("output-format"))];
  const directory = values.text("output-dir");
  const files = asked.length > 0 || directory !== undefined || values.has("output-name");
  const prints = directory === "-" || (!files && printsAlone);
  return {
    formats: formatsOf(asked, files || prints),
    extensionOf,
    directory: prints ? "-" : (directory ?? "."),
    nameTemplate: values.text("output-name") ?? DEFAULT_NAME,
  };
}

function formatsOf(asked: readonly string[], any: boolean): readonly FormatName[] {
  if (asked.includes("all")) return ALL_FORMATS;
  if (asked.length > 0) return FORMAT_NAMES.filter((name) => asked.includes(name));
  return any ? ["txt"] : [];
}
