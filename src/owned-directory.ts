/**
 * Temporary directories for audio. A process that is killed cannot remove its own, so each says whose
 * it is, and the first one that a process makes in a place removes those there whose process is gone.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, processIdentity } from "./process-identity.ts";

/** What it is for, for whoever finds one. */
type Purpose = "convert" | "input" | "upload";

const OURS = /^everyword-(?:convert|input|upload)-/u;
const OWNER = "owner";
/** Beside the owner, so that files of any name have room. */
const CONTENT = "content";
/** One that does not say whose it is: its process was killed right at the start, or is there. */
const NAMELESS_MS = 3_600_000;

/** By the place; a process knows few. */
const swept = new Map<string, Promise<void>>();

export interface OwnedDirectory {
  /** Empty, readable by its owner only. */
  readonly path: string;
  /** With all that is in it. Idempotent. */
  remove(): Promise<void>;
}

/** @param parent must exist. @throws what the file system throws. */
export async function makeOwnedDirectory(
  purpose: Purpose,
  parent: string = tmpdir(),
): Promise<OwnedDirectory> {
  const sweep = swept.get(parent) ?? sweepOwnedDirectories(Date.now(), parent);
  swept.set(parent, sweep);
  await sweep;
  const directory = await mkdtemp(join(parent, `everyword-${purpose}-`));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    await writeFile(join(directory, OWNER), processIdentity(), { mode: 0o600 });
    const path = join(directory, CONTENT);
    await mkdir(path, { mode: 0o700 });
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Removes what killed processes left. Never throws: what belongs to another user stays. */
export async function sweepOwnedDirectories(
  nowMs: number,
  parent: string = tmpdir(),
): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((one) => OURS.test(one))) {
    const directory = join(parent, name);
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
