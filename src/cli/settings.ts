/**
 * Settings: flag over environment over project file over user file over default.
 *
 * Every option has a variable (`--model-dir` is `EVERYWORD_MODEL_DIR`) and a key in the settings
 * files. The project's file comes with a folder that somebody else may have written, so it cannot
 * say where audio and keys go: that would let a cloned folder collect them.
 */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EverywordError, messageOf } from "../errors.ts";
import type { Command, OptionSpec } from "./command.ts";
import type { Io } from "./io.ts";
import { nearest } from "./nearest.ts";
import { checkChoice, type Values } from "./parse.ts";

export const PROJECT_FILE = "everyword.config.json";

/** What only the user may say. */
const USER_ONLY = new Set(["server", "api-key-file", "auth", "model-dir", "host", "keys-file"]);

type Layer = Map<string, readonly string[]>;

/** The user's own settings file, whether or not it is there. */
export function userSettingsPath(io: Io): string {
  const { env } = io;
  const base =
    io.platform === "win32"
      ? (env["APPDATA"] ?? join(io.homeDir, "AppData", "Roaming"))
      : env["XDG_CONFIG_HOME"] === undefined || env["XDG_CONFIG_HOME"] === ""
        ? join(io.homeDir, ".config")
        : env["XDG_CONFIG_HOME"];
  return join(base, "everyword", "config.json");
}

/** The nearest project file from the working directory upwards. */
async function findProjectFile(
  io: Io,
): Promise<{ readonly path: string; readonly text: string } | undefined> {
  for (let folder = io.cwd; ; folder = dirname(folder)) {
    const path = join(folder, PROJECT_FILE);
    const text = await readIfThere(path);
    if (text !== undefined) return { path, text };
    if (dirname(folder) === folder) return undefined;
  }
}

/** A key at the top of a settings file that the command does not know; another one may. */
export interface StrangeKey {
  readonly path: string;
  readonly key: string;
  /** Whether it holds a section. */
  readonly section: boolean;
}

/**
 * The values that were given, filled up from the layers below.
 *
 * @param onStrangeKey told of each key that only another command can know, or none
 * @throws EverywordError `usage` for a file or variable that says something impossible.
 */
export async function withSettings(
  values: Values,
  command: Command,
  io: Io,
  onStrangeKey: (strange: StrangeKey) => void = () => undefined,
): Promise<Values> {
  const layers: Layer[] = [readEnvironment(command, io.env)];
  for (const file of await settingsFiles(io)) {
    const { layer, strange } = readSettings(file, command);
    layers.push(layer);
    for (const key of strange) onStrangeKey(key);
  }
  return layers.reduce((merged, layer) => merged.over(layer), values);
}

export interface SettingsFile {
  readonly path: string;
  readonly text: string;
  /** Came with the folder; cannot say where audio goes. */
  readonly project: boolean;
}

/** The settings files that are there; the earlier one wins. */
export async function settingsFiles(io: Io): Promise<SettingsFile[]> {
  const path = userSettingsPath(io);
  const text = await readIfThere(path);
  const project = await findProjectFile(io);
  return [
    ...(project === undefined ? [] : [{ ...project, project: true }]),
    ...(text === undefined ? [] : [{ path, text, project: false }]),
  ];
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") return undefined;
    throw new EverywordError("usage", `The settings in ${path} cannot be read; check the file.`, {
      cause,
    });
  }
}

function readEnvironment(
  command: Command,
  env: Readonly<Record<string, string | undefined>>,
): Layer {
  const layer: Layer = new Map();
  for (const spec of command.options) {
    if (spec.ignored === true) continue;
    const name = `EVERYWORD_${spec.name.toUpperCase().replaceAll("-", "_")}`;
    const text = env[name]?.trim();
    if (text === undefined || text === "") continue;
    layer.set(spec.name, valuesOf(spec, text, name));
  }
  return layer;
}

/** `{"language": "en", "transcribe": {"output-format": ["srt", "vtt"]}}`: for all commands, and for one. */
function readSettings(
  { path, text, project }: SettingsFile,
  command: Command,
): { readonly layer: Layer; readonly strange: readonly StrangeKey[] } {
  const whole = parseObject(path, text);
  const strange: StrangeKey[] = [];
  const layer: Layer = new Map();
  const own = whole[command.name];
  if (own !== undefined && !isObject(own)) {
    throw new EverywordError("usage", `"${command.name}" in ${path} must be an object.`);
  }
  // Keys at the top are for every command that knows them.
  for (const [key, value] of Object.entries(whole)) {
    if (key === command.name || key === "$schema") continue;
    const section = isObject(value);
    const spec = specOf(command.options, key);
    if (spec === undefined || section) strange.push({ path, key, section });
    else setFrom(layer, spec, value, path, project);
  }
  for (const [key, value] of Object.entries(own ?? {})) {
    const spec = specOf(command.options, key);
    if (spec === undefined) throw unknownKey(path, key, command);
    setFrom(layer, spec, value, path, project);
  }
  return { layer, strange };
}

function setFrom(
  layer: Layer,
  spec: OptionSpec,
  value: unknown,
  path: string,
  project: boolean,
): void {
  if (project && USER_ONLY.has(spec.name)) {
    throw new EverywordError(
      "usage",
      `"${spec.name}" in ${path} is refused: a project's file cannot say where audio and keys go; put it in your own settings, or use --${spec.name}.`,
    );
  }
  const source = `"${spec.name}" in ${path}`;
  const list = Array.isArray(value) ? value : [value];
  layer.set(
    spec.name,
    list.flatMap((item: unknown) => {
      if (!["string", "number", "boolean"].includes(typeof item)) {
        throw new EverywordError("usage", `${source} must be a text, a number, or true or false.`);
      }
      return valuesOf(spec, String(item), source);
    }),
  );
}

function valuesOf(spec: OptionSpec, text: string, source: string): readonly string[] {
  if (spec.value === undefined) {
    const truth = /^(?:true|1|yes|on)$/iu.test(text);
    if (!truth && !/^(?:false|0|no|off)$/iu.test(text)) {
      throw new EverywordError("usage", `${source} must be true or false, not "${text}".`);
    }
    return [String(truth)];
  }
  const texts = spec.split === true ? text.split(",") : [text];
  for (const one of texts) checkChoice(spec, one, source);
  return texts;
}

/** The option that a key of a settings file names, in any of its spellings. */
export function specOf(specs: readonly OptionSpec[], key: string): OptionSpec | undefined {
  const name = key.replaceAll("_", "-");
  return specs.find(
    (spec) =>
      spec.ignored !== true && (spec.name === name || spec.aliases?.includes(name) === true),
  );
}

function unknownKey(path: string, key: string, command: Command): EverywordError {
  const near = nearest(
    key,
    command.options.map((spec) => spec.name),
  );
  const hint =
    near === undefined ? `everyword ${command.name} --help lists them` : `did you mean "${near}"?`;
  return new EverywordError(
    "usage",
    `${path} sets "${key}", which ${command.name} does not know; ${hint}`,
  );
}

function parseObject(path: string, text: string): Record<string, unknown> {
  let whole: unknown;
  try {
    whole = JSON.parse(text.replace(/^\u{FEFF}/u, ""));
  } catch (cause) {
    throw new EverywordError(
      "usage",
      `${path} is no JSON (${messageOf(cause)}); mend or remove it.`,
      {
        cause,
      },
    );
  }
  if (!isObject(whole)) throw new EverywordError("usage", `${path} must hold a JSON object.`);
  return whole;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
