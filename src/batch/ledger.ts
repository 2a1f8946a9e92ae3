/**
 * The job ledger on disk: one append-only file of JSON lines and one file for each result, all
 * readable by their owner only. `core/job.ts` says what the records mean.
 *
 * Invariants: a record is in the file, and synced to the disk, before the call that wrote it
 * resolves; records of one call stand together; nothing that was written is ever changed. A line
 * begins with a line end of its own, so that a record torn by a power failure spoils no other one.
 * Appends are atomic on a local file system (POSIX `O_APPEND`); a network file system is not
 * supported. Grows by about 2 KB a job and is never rewritten: delete the directory to forget.
 */
import { chmod, type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { EverywordError, messageOf } from "../errors.ts";
import type { BatchIds } from "./core/batch-reply.ts";
import {
  type Job,
  type JobFacts,
  type JobStatus,
  JobTable,
  type LedgerRecord,
  parseRecord,
} from "./core/job.ts";
import { isAlive, processIdentity } from "./process-identity.ts";
import { readStored, type StoredResult, writeStored } from "./result-store.ts";

const READ_BYTES = 1_048_576;

/** The right to work on a job, until `release`, or until the process ends. */
export interface Claim {
  readonly job: string;
  readonly claim: string;
}

/** What a status record may say besides the status. */
export interface StatusDetails {
  readonly facts?: JobFacts | undefined;
  readonly ids?: BatchIds | undefined;
  readonly message?: string | undefined;
  readonly code?: string | undefined;
}

/** @throws EverywordError `input-unreadable` when the directory cannot be made or written. */
export async function openLedger(
  directory: string,
  nowMs: () => number = Date.now,
): Promise<Ledger> {
  try {
    await mkdir(join(directory, "results"), { recursive: true, mode: 0o700 });
    const file = await open(join(directory, "ledger.jsonl"), "a+", 0o600);
    // `mode` counts for new files only; an old one may have been opened up.
    await chmod(join(directory, "ledger.jsonl"), 0o600);
    await syncDirectory(directory);
    return new Ledger(directory, file, nowMs);
  } catch (cause) {
    throw new EverywordError(
      "input-unreadable",
      `Cannot open the job ledger in ${directory}: ${messageOf(cause)}; name a directory that can be written.`,
      { cause },
    );
  }
}

export class Ledger {
  readonly directory: string;
  readonly #file: FileHandle;
  readonly #nowMs: () => number;
  readonly #owner = processIdentity();
  readonly #table = new JobTable();
  readonly #mine = new Set<string>();
  #claims = 0;
  /** Bytes of the file that were folded. */
  #read = 0;
  #pending: string[] = [];
  /** What runs now, and what the next callers will share. */
  #writing: Promise<void> = Promise.resolve();
  #nextWrite: Promise<void> | undefined;
  #reading: Promise<void> = Promise.resolve();
  #nextRead: Promise<void> | undefined;
  #closed = false;

  /** Use {@link openLedger}. */
  constructor(directory: string, file: FileHandle, nowMs: () => number) {
    this.directory = directory;
    this.#file = file;
    this.#nowMs = nowMs;
  }

  /** Every job, in the order of its first record. */
  async list(): Promise<Job[]> {
    await this.#catchUp();
    return this.#table.jobs();
  }

  async find(id: string): Promise<Job | undefined> {
    await this.#catchUp();
    return this.#table.job(id);
  }

  /** `undefined` while another living process, or another call of this one, works on the job. */
  async claim(id: string): Promise<Claim | undefined> {
    await this.#catchUp();
    const holder = this.#table.holder(id);
    if (holder !== undefined) {
      const living =
        holder.owner === this.#owner ? this.#mine.has(holder.claim) : isAlive(holder.owner);
      if (living) return undefined;
    }
    this.#claims += 1;
    const claim = `${this.#owner}#${this.#claims}`;
    this.#mine.add(claim);
    const over = this.#table.lastClaim(id);
    await this.#append({ ...this.#base(id, claim), type: "claim", owner: this.#owner, over });
    if (this.#table.holder(id)?.claim === claim) return { job: id, claim };
    this.#mine.delete(claim);
    return undefined;
  }

  /** Idempotent. */
  async release(claim: Claim): Promise<void> {
    if (!this.#mine.delete(claim.claim)) return;
    await this.#append({ ...this.#base(claim.job, claim.claim), type: "release" });
  }

  /**
   * Resolves once the step is on the disk.
   *
   * @throws EverywordError `usage` when the claim is lost or the step may not follow: a bug, or a
   * process that was believed dead.
   */
  async step(claim: Claim, status: JobStatus, details: StatusDetails = {}): Promise<Job> {
    const base = this.#base(claim.job, claim.claim);
    await this.#append({ ...base, type: "status", status, ...details });
    const job = this.#table.job(claim.job);
    const counted = this.#table.holder(claim.job)?.claim === claim.claim && job?.status === status;
    if (job !== undefined && counted) return job;
    throw new EverywordError(
      "usage",
      `The job ${claim.job} cannot become ${status} from ${job?.status ?? "nothing"} here; another process works on it, wait for that one.`,
    );
  }

  async storeResult(id: string, result: StoredResult): Promise<void> {
    await writeStored(join(this.directory, "results"), id, result);
  }

  /** @throws EverywordError `input-unreadable` when it is not there or damaged. */
  readResult(id: string): Promise<StoredResult> {
    return readStored(join(this.directory, "results"), id);
  }

  /** Waits for what is being written. What this process holds is released. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const held = this.#table.jobs().flatMap((job) => {
      const claim = this.#table.holder(job.id)?.claim;
      return claim !== undefined && this.#mine.has(claim) ? [{ job: job.id, claim }] : [];
    });
    await Promise.all(held.map((claim) => this.release(claim)));
    this.#closed = true;
    await this.#file.close();
  }

  #base(job: string, claim: string): { v: 1; at: number; job: string; claim: string } {
    return { v: 1, at: this.#nowMs(), job, claim };
  }

  /** Calls that come while the disk is busy share the next write and the next sync. */
  async #append(record: LedgerRecord): Promise<void> {
    if (this.#closed)
      throw new TypeError("Cannot write to the ledger: it must be open, got closed");
    this.#pending.push(JSON.stringify(record));
    this.#nextWrite ??= this.#writing = this.#writeAfter(this.#writing);
    await this.#nextWrite;
    await this.#catchUp();
  }

  async #writeAfter(before: Promise<void>): Promise<void> {
    await before.catch(() => undefined);
    this.#nextWrite = undefined;
    const lines = this.#pending;
    this.#pending = [];
    const bytes = Buffer.from(`\n${lines.join("\n")}\n`);
    const { bytesWritten } = await this.#file.write(bytes);
    if (bytesWritten !== bytes.length) {
      throw new EverywordError(
        "input-unreadable",
        `The job ledger in ${this.directory} took only a part of a record; make room on the disk.`,
      );
    }
    await this.#file.datasync();
  }

  /** Folds what this and other processes appended before the call. */
  async #catchUp(): Promise<void> {
    this.#nextRead ??= this.#reading = this.#readAfter(this.#reading);
    await this.#nextRead;
  }

  async #readAfter(before: Promise<void>): Promise<void> {
    await before.catch(() => undefined);
    this.#nextRead = undefined;
    let buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, await this.#unread()));
    while (buffer.length > 0) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, this.#read);
      const end = bytesRead === 0 ? -1 : buffer.lastIndexOf(10, bytesRead - 1);
      if (end >= 0) {
        for (const line of buffer.toString("utf8", 0, end).split("\n")) {
          const record = line === "" ? undefined : parseRecord(line);
          if (record !== undefined) this.#table.handleRecord(record);
        }
        this.#read += end + 1;
      } else if (bytesRead < buffer.length || bytesRead === (await this.#unread())) {
        return;
      }
      // A record longer than the buffer: read on with a larger one.
      const size = end >= 0 ? READ_BYTES : buffer.length * 2;
      buffer = Buffer.allocUnsafe(Math.min(size, await this.#unread()));
    }
  }

  async #unread(): Promise<number> {
    return (await this.#file.stat()).size - this.#read;
  }
}

/** The name of a new file is on the disk only once its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
