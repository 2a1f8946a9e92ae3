/**
 * Temporary directories for decoded audio. A process that is killed cannot remove its own, so each
 * says whose it is, and the first conversion of a process removes those whose process is gone.
 */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, processIdentity } from "../process-identity.ts";

const PREFIX = "everyword-convert-";
const OWNER = "owner";
/** One that does not say whose it is: its process was killed right at the start, or is there. */
const NAMELESS_MS = 3_600_000;

let swept: Promise<void> | undefined;

/** Needs to be removed by the caller. @throws what the file system throws. */
export async function makeConversionDirectory(): Promise<string> {
  swept ??= sweepConversionDirectories(Date.now());
  await swept;
  const directory = await mkdtemp(join(tmpdir(), PREFIX));
  await writeFile(join(directory, OWNER), processIdentity(), { mode: 0o600 });
  return directory;
}

/** Removes what killed processes left. Never throws: what belongs to another user stays. */
export async function sweepConversionDirectories(nowMs: number): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(PREFIX))) {
    const directory = join(tmpdir(), name);
    if (await isLeft(directory, nowMs)) {
      await rm(directory, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

async function isLeft(directory: string, nowMs: number): Promise<boolean> {
  const owner = await readFile(join(directory, OWNER), "utf8").catch(() => "");
  if (owner !== "") return !isAlive(owner);
  const found = await stat(directory).catch(() => undefined);
  return found !== undefined && nowMs - found.mtimeMs > NAMELESS_MS;
}
