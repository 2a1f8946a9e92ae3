/** Where the jobs of this user are remembered. */
import { join, resolve } from "node:path";
import type { Io } from "../io.ts";
import type { Values } from "../parse.ts";

export function ledgerPath(values: Values, io: Io): string {
  const asked = values.text("ledger");
  if (asked !== undefined) return resolve(io.cwd, asked);
  const { env } = io;
  const local =
    io.platform === "win32"
      ? (env["LOCALAPPDATA"] ?? join(io.homeDir, "AppData", "Local"))
      : env["XDG_STATE_HOME"] === undefined || env["XDG_STATE_HOME"] === ""
        ? join(io.homeDir, ".local", "state")
        : env["XDG_STATE_HOME"];
  return join(local, "everyword", "jobs");
}
