/** What was named on the command line -> the inputs: files, folders, patterns, URLs, standard input. */
import { readdir, stat } from "node:fs/promises";
import { extname, isAbsolute, join, relative, resolve } from "node:path";
import { EverywordError } from "../errors.ts";

/** Endings that a folder is searched for; a file that is named is read whatever its ending. */
const AUDIO_ENDINGS = new Set(
  (
    "wav wave w64 rf64 bwf aif aiff aifc au snd caf flac alac ape wv mp3 mp2 m4a m4b mp4 m4v mov " +
    "aac ac3 eac3 ogg oga ogv opus spx webm mka mkv avi wma wmv amr 3gp 3g2 mpg mpeg ts mts flv"
  ).split(" "),
);

/** More files than this from one folder or pattern are refused: somebody named the wrong folder. */
const MAX_FOUND = 100_000;

export function isUrl(input: string): boolean {
  return /^https?:\/\//iu.test(input);
}

export interface ExpandOptions {
  readonly cwd: string;
  /** Whether folders may be searched. */
  readonly recursive: boolean;
}

/**
 * The inputs in the order given, each once. A pattern is expanded only when no file bears the
 * literal name, because a shell that expands patterns has done so already and others never do.
 *
 * @throws EverywordError `usage` for a folder without `recursive`, `input-unreadable` for a folder
 * or pattern in which nothing is found.
 */
export async function expandInputs(
  args: readonly string[],
  options: ExpandOptions,
): Promise<string[]> {
  const found = new Map<string, string>();
  for (const arg of args) {
    for (const input of await expandOne(arg, options)) {
      const key = input === "-" || isUrl(input) ? input : resolve(options.cwd, input);
      if (!found.has(key)) found.set(key, input);
    }
  }
  return [...found.values()];
}

async function expandOne(arg: string, options: ExpandOptions): Promise<readonly string[]> {
  if (arg === "-" || isUrl(arg)) return [arg];
  const info = await stat(resolve(options.cwd, arg)).catch(() => undefined);
  if (info?.isDirectory() === true) return filesIn(arg, options);
  if (info !== undefined || !/[*?[{]/u.test(arg)) return [arg];
  const { glob } = await import("tinyglobby");
  const matches = await glob(arg.replaceAll("\\", "/"), {
    cwd: options.cwd,
    absolute: isAbsolute(arg),
    expandDirectories: false,
    onlyFiles: true,
  });
  if (matches.length === 0) {
    throw new EverywordError("input-unreadable", `No file matches ${arg}; check the pattern.`);
  }
  return bounded(arg, matches);
}

async function filesIn(folder: string, options: ExpandOptions): Promise<readonly string[]> {
  if (!options.recursive) {
    throw new EverywordError(
      "usage",
      `${folder} is a folder; --recursive transcribes the audio in it and below.`,
    );
  }
  const entries = await readdir(resolve(options.cwd, folder), {
    recursive: true,
    withFileTypes: true,
  });
  const base = resolve(options.cwd, folder);
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .filter((entry) => AUDIO_ENDINGS.has(extname(entry.name).slice(1).toLowerCase()))
    .map((entry) => join(folder, relative(base, join(entry.parentPath, entry.name))));
  if (files.length === 0) {
    throw new EverywordError("input-unreadable", `There is no audio in ${folder}.`);
  }
  return bounded(folder, files);
}

function bounded(arg: string, files: string[]): readonly string[] {
  if (files.length > MAX_FOUND) {
    throw new EverywordError(
      "usage",
      `${arg} holds ${files.length} files; name at most ${MAX_FOUND} at a time.`,
    );
  }
  return files.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
}
