import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where fetched models are kept: `EVERYWORD_MODEL_DIR`, or `everyword/models` in the cache
 * directory of the platform (`XDG_CACHE_HOME` or `~/.cache`; `~/Library/Caches` on macOS;
 * `%LOCALAPPDATA%` on Windows). Deleting it costs one more download, nothing else.
 */
export function modelCacheDir(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = env["EVERYWORD_MODEL_DIR"];
  if (chosen !== undefined && chosen !== "") return chosen;
  return platformModelDir(env, platform);
}

/** The same, whatever `EVERYWORD_MODEL_DIR` says. */
export function platformModelDir(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  return join(platformCacheDir(env, platform), "everyword", "models");
}

function platformCacheDir(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string {
  const home = env["HOME"] ?? homedir();
  if (platform === "darwin") return join(home, "Library", "Caches");
  if (platform === "win32") return env["LOCALAPPDATA"] ?? join(home, "AppData", "Local");
  const xdg = env["XDG_CACHE_HOME"];
  return xdg === undefined || xdg === "" ? join(home, ".cache") : xdg;
}
