/** Whether two names mean one file: links and other spellings of a path do not hide it. */
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { EverywordError } from "../errors.ts";

/** The same for all names of one file. Devices and pipes are as many as their names. */
export async function fileIdentity(path: string): Promise<string> {
  const info = await stat(path, { bigint: true }).catch(() => undefined);
  if (info?.isFile() === true) return `${info.dev}:${info.ino}`;
  const folder = dirname(resolve(path));
  return join(await realpath(folder).catch(() => folder), basename(path));
}

/** @throws EverywordError `usage` when one file would be written twice, or is read as well. */
export async function checkDistinct(paths: readonly string[]): Promise<void> {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const identity = await fileIdentity(path);
    const other = seen.get(identity);
    if (other !== undefined) {
      const twice = `${resolve(path)} is named twice`;
      const what = resolve(other) === resolve(path) ? twice : `${path} and ${other} are one file`;
      throw new EverywordError("usage", `${what}; one file cannot be both.`);
    }
    seen.set(identity, path);
  }
}

/** @throws EverywordError `usage` when an output is an input under another name. */
export async function checkInputsKept(
  inputs: readonly string[],
  outputs: readonly string[],
): Promise<void> {
  const sources = new Set(await Promise.all(inputs.map(fileIdentity)));
  for (const path of outputs) {
    if (sources.has(await fileIdentity(path))) {
      throw new EverywordError("usage", `${path} is an input and would be overwritten.`);
    }
  }
}
