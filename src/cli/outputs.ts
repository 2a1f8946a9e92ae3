/** Files that are written whole or not at all. */
import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { EverywordError } from "../errors.ts";

/** Writes beside the target and renames, so that no reader ever sees half a file. */
export async function writeAtomically(
  path: string,
  text: string | Uint8Array,
  mode = 0o666,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, text, { flag: "wx", mode });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cannotWrite(path, cause);
  }
}

export function cannotWrite(path: string, cause: unknown): EverywordError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  return new EverywordError(
    "usage",
    `${path} cannot be written (${code}); choose a place that can.`,
    { cause },
  );
}
