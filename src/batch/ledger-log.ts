/**
 * The records of a ledger in their one order, written and read. Only appended to, until most of what
 * is in a file is history: then a `seal` ends it, and the next file begins with what all records up
 * to the seal came to. What stands behind a seal was written by somebody who had not seen it yet; it
 * counts for nobody, and its writer writes it again in the next file. So no process waits for
 * another one, and a process that is killed between the two files leaves a seal behind which
 * whoever comes next makes the same next file.
 *
 * Invariants: a record is synced to the disk and folded into `table` before the call that wrote it
 * resolves; nothing that was written is ever changed. A write begins with a line end of its own, so
 * that a record torn by a power failure spoils no other one. Appends are atomic on a local file
 * system (POSIX `O_APPEND`). A file is at most 1 MB, or twice what its jobs need. After the first
 * write that failed nothing is written any more: what cannot be noted must not be begun.
 */
import { EverywordError, messageOf } from "../errors.ts";
import { diskReason } from "./disk-reason.ts";
import { JobTable, type LedgerRecord, parseRecord } from "./core/job.ts";
import {
  canFollow,
  type Generation,
  makeNext,
  openHighest,
  removeBelow,
} from "./ledger-generations.ts";

const READ_BYTES = 1_048_576;
/** A file is looked at from this size on; smaller ones are not worth it. */
const COMPACT_FROM_BYTES = 1_048_576;
/** It is followed when it is this many times what its jobs need. */
const COMPACT_RATIO = 2;
/** A record is written again when a seal came before it: each time needs a whole file of others. */
const REWRITES = 20;

export class LedgerLog {
  readonly #directory: string;
  readonly #compactFromBytes: number;
  #generation: Generation;
  #table = new JobTable();
  /** Bytes of the file that were folded. */
  #read = 0;
  /** Size from which on the file is looked at. */
  #compactAt: number;
  #pending: string[] = [];
  /** Lines that were written and not yet folded, with how often. */
  readonly #unfolded = new Map<string, number>();
  /** What runs now, and what the next callers will share. */
  #writing: Promise<void> = Promise.resolve();
  #nextWrite: Promise<void> | undefined;
  #reading: Promise<void> = Promise.resolve();
  #nextRead: Promise<void> | undefined;
  #failure: EverywordError | undefined;
  #closed = false;

  /** Use `openLog`. */
  constructor(directory: string, generation: Generation, compactFromBytes: number) {
    this.#directory = directory;
    this.#generation = generation;
    this.#compactFromBytes = compactFromBytes;
    this.#compactAt = compactFromBytes;
  }

  /** As of the last `catchUp()`. */
  get table(): JobTable {
    return this.#table;
  }

  /**
   * Calls that come while the disk is busy share the next write and the next sync.
   *
   * @throws EverywordError `input-unreadable` when it cannot be written, and ever after.
   */
  async append(record: LedgerRecord): Promise<void> {
    if (this.#closed)
      throw new TypeError("Cannot write to the ledger: it must be open, got closed");
    if (this.#failure !== undefined) throw this.#failure;
    const line = JSON.stringify(record);
    for (let tries = 0; tries <= REWRITES; tries += 1) {
      this.#unfolded.set(line, (this.#unfolded.get(line) ?? 0) + 1);
      this.#pending.push(line);
      this.#nextWrite ??= this.#writing = this.#writeAfter(this.#writing);
      await this.#nextWrite;
      await this.catchUp();
      if (!this.#unfolded.has(line)) return this.#compactIfLarge();
      this.#forget(line);
    }
    throw new EverywordError(
      "input-unreadable",
      `The job ledger in ${this.#directory} was rewritten ${REWRITES} times while one record was written; run fewer processes on it.`,
    );
  }

  /** Folds what this and other processes appended before the call. */
  async catchUp(): Promise<void> {
    this.#nextRead ??= this.#reading = this.#readAfter(this.#reading);
    await this.#nextRead;
  }

  /** Waits for what is being written. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing.catch(() => undefined);
    await this.#reading.catch(() => undefined);
    await this.#generation.file.close();
  }

  async #writeAfter(before: Promise<void>): Promise<void> {
    await before.catch(() => undefined);
    this.#nextWrite = undefined;
    const lines = this.#pending;
    this.#pending = [];
    if (this.#failure !== undefined) throw this.#failure;
    const { file } = this.#generation;
    const bytes = Buffer.from(`\n${lines.join("\n")}\n`);
    try {
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten !== bytes.length) throw new Error("only a part of a record found room");
      await file.datasync();
    } catch (cause) {
      const why = `Cannot write to the job ledger in ${this.#directory}: ${diskReason(cause)}`;
      const message = `${why}; make room on the disk and run it again.`;
      this.#failure = new EverywordError("input-unreadable", message, { cause });
      throw this.#failure;
    }
  }

  async #readAfter(before: Promise<void>): Promise<void> {
    await before.catch(() => undefined);
    this.#nextRead = undefined;
    while (await this.#foldToEnd()) await this.#follow();
  }

  /** @returns whether a seal was met. */
  async #foldToEnd(): Promise<boolean> {
    const { file } = this.#generation;
    let buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, await this.#unread()));
    while (buffer.length > 0) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#read);
      const end = bytesRead === 0 ? -1 : buffer.lastIndexOf(10, bytesRead - 1);
      if (end >= 0) {
        for (const line of buffer.toString("utf8", 0, end).split("\n")) {
          if (this.#fold(line)) return true;
        }
        this.#read += end + 1;
      } else if (bytesRead < buffer.length || bytesRead === (await this.#unread())) {
        return false;
      }
      // A record longer than the buffer: read on with a larger one.
      const size = end >= 0 ? READ_BYTES : buffer.length * 2;
      buffer = Buffer.allocUnsafe(Math.min(size, await this.#unread()));
    }
    return false;
  }

  /** @returns whether it is a seal. */
  #fold(line: string): boolean {
    const record = line === "" ? undefined : parseRecord(line);
    if (record === undefined) return false;
    if (record.type === "seal") return true;
    this.#table.handleRecord(record);
    this.#forget(line);
    return false;
  }

  #forget(line: string): void {
    const count = this.#unfolded.get(line);
    if (count === undefined) return;
    if (count > 1) this.#unfolded.set(line, count - 1);
    else this.#unfolded.delete(line);
  }

  /** From a sealed file to the one that counts. */
  async #follow(): Promise<void> {
    const old = this.#generation;
    try {
      await makeNext(this.#directory, old.number, this.#snapshot());
      this.#generation = await openHighest(this.#directory);
    } catch (cause) {
      // The seal is written, so nothing can be added here; the next call tries again.
      throw new EverywordError(
        "input-unreadable",
        `Cannot rewrite the job ledger in ${this.#directory}: ${messageOf(cause)}; make room on the disk and run it again.`,
        { cause },
      );
    }
    this.#table = new JobTable();
    this.#read = 0;
    this.#compactAt = Math.max(
      this.#compactFromBytes,
      COMPACT_RATIO * (await this.#generation.file.stat()).size,
    );
    await removeBelow(this.#directory, this.#generation.number);
    // What is being written to the old file right now will be found missing, and written again.
    await this.#writing.catch(() => undefined);
    await old.file.close();
  }

  async #compactIfLarge(): Promise<void> {
    if (this.#read < this.#compactAt) return;
    const neededBytes = Buffer.byteLength(this.#snapshot());
    const worth = this.#read >= COMPACT_RATIO * neededBytes;
    // Looked at again when it is as large as that, or twice as large where it cannot be followed.
    this.#compactAt = Math.max(this.#read * 2, COMPACT_RATIO * neededBytes);
    if (!worth || !(await canFollow(this.#directory))) return;
    const seal = { v: 1, type: "seal", at: 0, job: "", claim: "" } as const;
    this.#pending.push(JSON.stringify(seal));
    this.#nextWrite ??= this.#writing = this.#writeAfter(this.#writing);
    await this.#nextWrite;
    await this.catchUp();
  }

  #snapshot(): string {
    return this.#table
      .snapshot()
      .map((record) => `${JSON.stringify(record)}\n`)
      .join("");
  }

  async #unread(): Promise<number> {
    return (await this.#generation.file.stat()).size - this.#read;
  }
}

/** @throws what the file system throws. */
export async function openLog(
  directory: string,
  compactFromBytes = COMPACT_FROM_BYTES,
): Promise<LedgerLog> {
  const generation = await openHighest(directory);
  // `mode` counts for new files only; an old one may have been opened up.
  await generation.file.chmod(0o600);
  return new LedgerLog(directory, generation, compactFromBytes);
}
