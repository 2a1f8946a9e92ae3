/** Files that are written whole or not at all, and the folders that they go to. */
import { randomBytes } from "node:crypto";
import { access, constants, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { EverywordError } from "../errors.ts";

/** Writes beside the target and renames, so that no reader ever sees half a file. */
export async function writeAtomically(
  path: string,
  text: string | Uint8Array,
  mode = 0o666,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    await makeFolder(dirname(path));
    await writeFile(temporary, text, { flag: "wx", mode });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cannotWrite(path, cause);
  }
}

/**
 * Makes a folder and its parents, one by one: node's recursive `mkdir` never returns where a parent
 * can be seen and not be made in, as in /proc.
 */
export async function makeFolder(folder: string): Promise<void> {
  const missing: string[] = [];
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found?.isDirectory() === true) break;
    if (found !== undefined) throw notAFolder(at);
    if (dirname(at) === at) break;
    missing.push(at);
  }
  for (const path of missing.toReversed()) {
    await mkdir(path).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw error;
    });
  }
}

/**
 * Makes the folders of these files and looks whether they can be written to, before any work is done
 * for them.
 *
 * @throws EverywordError `usage` for the first that cannot.
 */
export async function prepareFolders(paths: Iterable<string>): Promise<void> {
  for (const folder of new Set([...paths].map((path) => dirname(path)))) {
    try {
      await makeFolder(folder);
      await access(folder, constants.W_OK);
    } catch (cause) {
      throw cannotWrite(folder, cause);
    }
  }
}

function notAFolder(path: string): EverywordError {
  return new EverywordError("usage", `${path} is a file, not a folder; choose another place.`);
}

/** What stands in the way of a file. A full disk is nobody's wrong call: no usage error. */
export function cannotWrite(path: string, cause: unknown): Error {
  if (cause instanceof EverywordError) return cause;
  const code = codeOf(cause) ?? String(cause);
  if (isFullDisk(cause)) {
    return new Error(`${path} cannot be written: its disk is full (${code}); make room there.`, {
      cause,
    });
  }
  const advice =
    code === "ENOENT" ? "its folder does not exist; make it first" : "choose a place that can";
  return new EverywordError("usage", `${path} cannot be written (${code}); ${advice}.`, { cause });
}

export function isFullDisk(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes(codeOf(error) ?? "");
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
