/** Arguments in, values out: node's own parser behind the spellings that people bring from whisper. */
import { parseArgs } from "node:util";
import { EverywordError } from "../errors.ts";
import type { OptionSpec } from "./command.ts";
import { nearest } from "./nearest.ts";

/** Parsed options of a command. Reading one that the command does not declare is a programming error. */
export class Values {
  readonly #given: ReadonlyMap<string, readonly string[]>;

  constructor(given: ReadonlyMap<string, readonly string[]>) {
    this.#given = given;
  }

  /** The last value given. */
  text(name: string): string | undefined {
    return this.#given.get(name)?.at(-1);
  }

  list(name: string): readonly string[] {
    return this.#given.get(name) ?? [];
  }

  flag(name: string): boolean {
    return this.text(name) === "true";
  }

  has(name: string): boolean {
    return this.#given.has(name);
  }

  /** These values, and `others` where nothing was given here. */
  over(others: ReadonlyMap<string, readonly string[]>): Values {
    return new Values(new Map([...others, ...this.#given]));
  }

  /** @throws EverywordError `usage` when it is no number between the bounds. */
  number(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value) || value < min || value > max) {
      throw new EverywordError(
        "usage",
        `--${name} must be a number from ${min} to ${max}, not "${text}".`,
      );
    }
    return value;
  }

  integer(name: string, min: number, max: number): number | undefined {
    const value = this.number(name, min, max);
    if (value !== undefined && !Number.isInteger(value)) {
      throw new EverywordError("usage", `--${name} must be a whole number, not "${value}".`);
    }
    return value;
  }
}

export interface Parsed {
  readonly values: Values;
  readonly positionals: readonly string[];
  /** Options that were accepted and have no effect here. */
  readonly ignored: readonly string[];
}

/** @throws EverywordError `usage`, with a suggestion where a known option is near. */
export function parseOptions(argv: readonly string[], specs: readonly OptionSpec[]): Parsed {
  const byName = indexSpecs(specs);
  const options: Record<string, { type: "string" | "boolean"; multiple: true; short?: string }> =
    {};
  for (const [name, spec] of byName) {
    const type = spec.value === undefined ? "boolean" : "string";
    const short = name === spec.name ? spec.short : undefined;
    options[name] =
      short === undefined ? { type, multiple: true } : { type, multiple: true, short };
  }
  const { values, positionals } = runParser(normalize(argv, byName), options, byName);
  const given = new Map<string, string[]>();
  const ignored = new Set<string>();
  for (const [name, list] of Object.entries(values)) {
    const spec = byName.get(name);
    if (spec === undefined) continue;
    if (spec.ignored === true) ignored.add(name);
    const texts = list
      .map(String)
      .flatMap((text) => (spec.split === true ? text.split(",") : [text]));
    for (const text of texts) checkChoice(spec, text);
    given.set(spec.name, [...(given.get(spec.name) ?? []), ...texts]);
  }
  return { values: new Values(given), positionals, ignored: [...ignored] };
}

function indexSpecs(specs: readonly OptionSpec[]): Map<string, OptionSpec> {
  const byName = new Map<string, OptionSpec>();
  for (const spec of specs) {
    for (const name of [spec.name, ...(spec.aliases ?? [])]) byName.set(name, spec);
  }
  return byName;
}

/** `--max_line_width` is `--max-line-width`; `--flag True` is `--flag`, `--flag False` is `--no-flag`. */
function normalize(argv: readonly string[], byName: ReadonlyMap<string, OptionSpec>): string[] {
  const out: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const token = argv[i] ?? "";
    if (token === "--") return [...out, ...argv.slice(i)];
    if (!token.startsWith("--")) {
      out.push(token);
      continue;
    }
    const equals = token.indexOf("=");
    const name = (equals < 0 ? token : token.slice(0, equals)).slice(2).replaceAll("_", "-");
    const inline = equals < 0 ? undefined : token.slice(equals + 1);
    const spec = byName.get(name);
    const truth = /^(true|false)$/iu;
    if (spec !== undefined && spec.value === undefined) {
      const next = argv[i + 1];
      const said = inline ?? (next !== undefined && truth.test(next) ? next : undefined);
      if (inline === undefined && said !== undefined) i++;
      out.push(said?.toLowerCase() === "false" ? `--no-${name}` : `--${name}`);
    } else {
      // A negative number is a value, not an option of that name.
      const negative = spec === undefined ? undefined : /^-\.?\d.*$/u.exec(argv[i + 1] ?? "")?.[0];
      if (inline === undefined && negative !== undefined) i++;
      const value = inline ?? negative;
      out.push(value === undefined ? `--${name}` : `--${name}=${value}`);
    }
  }
  return out;
}

function runParser(
  args: string[],
  options: Record<string, { type: "string" | "boolean"; multiple: true; short?: string }>,
  byName: ReadonlyMap<string, OptionSpec>,
): { values: Record<string, (string | boolean)[]>; positionals: string[] } {
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true, allowNegative: true });
    return {
      values: parsed.values as Record<string, (string | boolean)[]>,
      positionals: parsed.positionals,
    };
  } catch (cause) {
    throw new EverywordError("usage", parserSentence(cause, byName, args), { cause });
  }
}

function parserSentence(
  cause: unknown,
  byName: ReadonlyMap<string, OptionSpec>,
  args: readonly string[],
): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const option = /'(-[^' <,]+)/u.exec(message)?.[1] ?? "";
  if (message.startsWith("Unknown option")) {
    // A file that begins with a dash, named or matched by the shell's pattern.
    const file = args.find((token) => token.startsWith(option) && /^-[^-].*\.\w+$/u.test(token));
    if (file !== undefined) {
      return `"${file}" begins with a dash; write ./${file}, or put -- before the files.`;
    }
    if (/^--(api-)?key$/u.test(option)) {
      return `There is no ${option}: everyone on the machine could read it; use --api-key-file FILE or FIREWORKS_API_KEY.`;
    }
    const near = nearest(option.replace(/^-+/u, ""), [...byName.keys()]);
    return `There is no option ${option}${near === undefined ? "" : `; did you mean --${near}?`}`;
  }
  const long = /--[a-z-]+/u.exec(message)?.[0] ?? option;
  const value = byName.get(long.slice(2))?.value;
  return value === undefined
    ? `${long} takes no value.`
    : `${long} needs a value: ${long} ${value}.`;
}

/** @throws EverywordError `usage`, naming `source` when the value did not come from the command line. */
export function checkChoice(spec: OptionSpec, text: string, source?: string): void {
  if (spec.choices !== undefined && !spec.choices.includes(text)) {
    throw new EverywordError(
      "usage",
      `${source ?? `--${spec.name}`} must be one of ${spec.choices.join(", ")}, not "${text}".`,
    );
  }
}
