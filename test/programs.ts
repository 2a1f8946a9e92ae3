/**
 * Programs that only some tests need: other people's readers and clients. Where one is missing those
 * tests are left out and counted as skipped, so that the suite runs on a machine with nothing but
 * Node; on CI, which installs them by name, a missing one is a failure.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** @throws Error on CI, naming the missing program. */
export function lacks(...programs: readonly string[]): boolean {
  const missing = programs.filter((program) => !isOnPath(program));
  if (missing.length > 0 && process.env["CI"] !== undefined) {
    throw new Error(`CI must have ${missing.join(", ")}: .ci/run installs what tests need.`);
  }
  return missing.length > 0;
}

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
