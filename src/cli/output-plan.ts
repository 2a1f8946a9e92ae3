/** Which files each input will become, decided before any work (pure). */
import { basename, dirname, extname, join, resolve } from "node:path";
import type { FormatName } from "../captions/formats.ts";
import { EverywordError } from "../errors.ts";
import { isUrl } from "./inputs.ts";

export interface Output {
  readonly format: FormatName;
  /** `undefined` prints it. */
  readonly path: string | undefined;
}

export interface Plan {
  readonly input: string;
  readonly outputs: readonly Output[];
}

export interface OutputWishes {
  readonly formats: readonly FormatName[];
  /** Ending of a format's files, without a dot. */
  readonly extensionOf: (format: FormatName) => string;
  /** Folder; `-` prints. */
  readonly directory: string;
  /** With `{stem}`, `{name}`, `{ext}` and `{parent}`. */
  readonly nameTemplate: string;
}

export const DEFAULT_NAME = "{stem}.{ext}";

/** What an input is called without its folder: for a URL the last part of its path. */
export function inputName(input: string): string {
  if (input === "-") return "stdin";
  if (!isUrl(input)) return basename(input);
  const last = new URL(input).pathname.split("/").findLast((part) => part !== "");
  return last === undefined ? new URL(input).hostname : safeName(decoded(last));
}

/** @throws EverywordError `usage` when two inputs would write one file, or an input would be overwritten. */
export function planOutputs(inputs: readonly string[], wishes: OutputWishes): Plan[] {
  checkTemplate(wishes);
  const taken = new Map<string, string>();
  const sources = new Set(inputs.filter((input) => !isUrl(input)).map((input) => resolve(input)));
  return inputs.map((input) => ({
    input,
    outputs: wishes.formats.map((format) => {
      if (wishes.directory === "-") return { format, path: undefined };
      const path = join(wishes.directory, outputName(input, format, wishes));
      // Names that differ by case alone are one file on macOS and Windows.
      const key = resolve(path).toLowerCase();
      const other = taken.get(key);
      if (other !== undefined) {
        const hint = hintFor(input, other);
        throw new EverywordError(
          "usage",
          `${other} and ${input} would both write ${path}; ${hint}.`,
        );
      }
      if (sources.has(resolve(path))) {
        throw new EverywordError("usage", `${path} is an input and would be overwritten.`);
      }
      taken.set(key, input);
      return { format, path };
    }),
  }));
}

/** A template under which these two have different names, where there is one. */
function hintFor(input: string, other: string): string {
  if (inputName(input).toLowerCase() !== inputName(other).toLowerCase()) {
    return '--output-name "{name}.{ext}" keeps them apart';
  }
  return parentOf(input).toLowerCase() === parentOf(other).toLowerCase()
    ? "give them in two runs with two folders"
    : '--output-name "{parent}-{stem}.{ext}" keeps them apart';
}

function parentOf(input: string): string {
  return input === "-" || isUrl(input) ? "" : basename(dirname(resolve(input)));
}

function outputName(input: string, format: FormatName, wishes: OutputWishes): string {
  const name = inputName(input);
  const fields: Readonly<Record<string, string>> = {
    stem: name.slice(0, name.length - extname(name).length),
    name,
    ext: wishes.extensionOf(format),
    parent: parentOf(input),
  };
  return wishes.nameTemplate.replaceAll(/\{(\w+)\}/gu, (_, field: string) => fields[field] ?? "");
}

function checkTemplate({ nameTemplate, formats }: OutputWishes): void {
  for (const [whole, field] of nameTemplate.matchAll(/\{(\w+)\}/gu)) {
    if (!["stem", "name", "ext", "parent"].includes(field ?? "")) {
      throw new EverywordError(
        "usage",
        `--output-name knows {stem}, {name}, {ext} and {parent}, not ${whole}.`,
      );
    }
  }
  if (formats.length > 1 && !nameTemplate.includes("{ext}")) {
    throw new EverywordError(
      "usage",
      `--output-name needs {ext} when there is more than one format.`,
    );
  }
}

/** A name from elsewhere as a file name here. */
function safeName(name: string): string {
  const safe = name.replaceAll(/[/\\:*?"<>|\p{Cc}]/gu, "_");
  return /^\.*$/u.test(safe) ? "_" : safe;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
