/** Why something could not be written, in words. */
import { messageOf } from "../errors.ts";

const WHY: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the user's share of the disk is used up",
  EROFS: "the disk can only be read",
  EIO: "the disk reports an error",
};

export function diskReason(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return WHY[code] ?? messageOf(cause);
}
