/** One file under two names: a link to the input would be emptied before it is read. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { EverywordError } from "../errors.ts";

/** @throws EverywordError `usage` when two of the paths are one file, whatever they are called. */
export function checkDistinct(paths: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const path of paths.map((one) => resolve(one))) {
    const key = identityOf(path);
    const other = seen.get(key);
    if (other === path) {
      throw new EverywordError("usage", `${path} is named twice; one file cannot be both.`);
    }
    if (other !== undefined) {
      const message = `${path} and ${other} are the same file; one file cannot be both.`;
      throw new EverywordError("usage", message);
    }
    seen.set(key, path);
  }
}

/** Device and number where there is such a file: a link has those of what it leads to. */
function identityOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  // A device, such as /dev/null, may be written twice.
  if (found === undefined || !found.isFile()) return path;
  return `${found.dev}:${found.ino}`;
}
