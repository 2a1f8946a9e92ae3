/**
 * The files of a ledger: `ledger.jsonl`, then `ledger-1.jsonl`, `ledger-2.jsonl`, … Each stands for
 * itself, the highest one counts. A next one appears whole or not at all, and only once: it is
 * written beside, synced and linked to its name, which fails when the name is taken. What was
 * followed by a next one may be removed at any time: whoever has it open reads on to its end.
 */
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, link, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

export interface Generation {
  readonly number: number;
  readonly file: FileHandle;
}

const OPEN = constants.O_RDWR | constants.O_APPEND;
const TEMPORARY = /^ledger-[\da-f-]{36}\.tmp$/u;
/** A file can be followed and removed between two looks at the directory, yet not for ever. */
const TRIES = 100;

/**
 * Opens the highest generation; makes the first one where there is none.
 *
 * @throws what the file system throws.
 */
export async function openHighest(directory: string): Promise<Generation> {
  for (let tries = 1; ; tries += 1) {
    const found = await highest(directory);
    const flags = found === undefined ? OPEN | constants.O_CREAT : OPEN;
    const number = found ?? 0;
    try {
      const file = await open(pathOf(directory, number), flags, 0o600);
      // A first one that was made while others were at a later one is empty and does not count.
      if ((await highest(directory)) === number) return { number, file };
      await file.close();
    } catch (error) {
      if (!isCode(error, "ENOENT") || tries >= TRIES) throw error;
    }
  }
}

/** Whether a next generation can be made here: not every file system has links. */
export async function canFollow(directory: string): Promise<boolean> {
  const one = join(directory, `ledger-${randomUUID()}.tmp`);
  const other = join(directory, `ledger-${randomUUID()}.tmp`);
  try {
    await (await open(one, "wx", 0o600)).close();
    await link(one, other);
    return true;
  } catch {
    return false;
  } finally {
    await rm(one, { force: true });
    await rm(other, { force: true });
  }
}

/** Makes the generation behind `number` with this content, unless any higher one is there. */
export async function makeNext(directory: string, number: number, content: string): Promise<void> {
  if (((await highest(directory)) ?? 0) > number) return;
  const temporary = join(directory, `ledger-${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, pathOf(directory, number + 1));
  } catch (error) {
    // Taken, or swept away: somebody else made it.
    if (!isCode(error, "EEXIST") && !isCode(error, "ENOENT")) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Removes what lies below a generation, and what was being written to become one. */
export async function removeBelow(directory: string, number: number): Promise<void> {
  // The name of the one that counts must be on the disk before the others' are not.
  await syncDirectory(directory);
  for (const name of await readdir(directory)) {
    const found = numberOf(name);
    const left = found === undefined ? TEMPORARY.test(name) : found < number;
    if (left) await rm(join(directory, name), { force: true });
  }
}

/** The name of a new file is on the disk only once its directory is. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function highest(directory: string): Promise<number | undefined> {
  const numbers = (await readdir(directory)).flatMap((name) => numberOf(name) ?? []);
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

function pathOf(directory: string, number: number): string {
  return join(directory, number === 0 ? "ledger.jsonl" : `ledger-${number}.jsonl`);
}

function numberOf(name: string): number | undefined {
  if (name === "ledger.jsonl") return 0;
  const digits = /^ledger-([1-9]\d{0,14})\.jsonl$/u.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
