/** Keys in a file: one a line, `#` begins a comment. */
import { open } from "node:fs/promises";
import { EverywordError, messageOf } from "../errors.ts";

/** Longest keys file: 1 MB. */
const MAX_BYTES = 1_000_000;

/**
 * Reads the keys that a server lets in.
 *
 * @throws EverywordError `usage` when the file cannot be read, others than its owner may read it
 * (checked except on Windows, which has no such modes), it is too large, or it holds no key.
 */
export async function readKeysFile(path: string): Promise<string[]> {
  const handle = await open(path).catch((cause: unknown) => {
    throw bad(`The keys file ${path} cannot be read (${messageOf(cause)})`, "name another", cause);
  });
  try {
    const { mode, size } = await handle.stat();
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8);
      throw bad(`Others may read the keys file ${path} (mode ${shown})`, `run chmod 600 ${path}`);
    }
    if (size > MAX_BYTES) throw bad(`The keys file ${path} is too large`, "keep it under 1 MB");
    const lines = (await handle.readFile("utf8")).split(/\r?\n/u).map((line) => line.trim());
    const keys = lines.filter((line) => line !== "" && !line.startsWith("#"));
    if (keys.length === 0) throw bad(`The keys file ${path} holds no key`, "write one a line");
    return keys;
  } finally {
    await handle.close();
  }
}

function bad(what: string, advice: string, cause?: unknown): EverywordError {
  return new EverywordError("usage", `${what}; ${advice}.`, { cause });
}
