import { mkdir, rm, stat, utimes } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** A holder says that it lives this often. */
const HEARTBEAT_MS = 2_000;
/** A lock that nobody touched for this long belongs to a dead process and is taken over. */
const STALE_MS = 15_000;
const RETRY_MS = 150;
/** After this long the work is done without the lock: a repeated download beats none. */
const LONGEST_WAIT_MS = 20 * 60_000;

/**
 * Runs `work` while no other process (or caller) that uses the same directory name does. The lock
 * is a directory, because making one is atomic on every file system.
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + LONGEST_WAIT_MS;
  while (!(await tryLock(path))) {
    if (performance.now() > deadline) return work();
    if (await isStale(path)) await rm(path, { recursive: true, force: true });
    else await sleep(RETRY_MS, undefined, signal === undefined ? {} : { signal });
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { recursive: true, force: true });
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE_MS;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
