/** Why a file cannot be read, in words. */
import { EverywordError, messageOf } from "../errors.ts";

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file; check the path",
  ENOTDIR: "there is no such file; check the path",
  EACCES: "permission is denied; ask its owner, or name another file",
  EISDIR: "it is a folder; name a recording",
};

/** To be thrown. */
export function unreadable(path: string, cause: unknown): EverywordError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const why = WHY[code] ?? `${messageOf(cause)}; check the path and its permissions`;
  return new EverywordError("input-unreadable", `Cannot read ${path}: ${why}.`, { cause });
}
