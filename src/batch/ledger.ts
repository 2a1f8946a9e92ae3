/**
 * The job ledger on disk: its records (`ledger-log.ts`) and one file for each result, all readable by
 * their owner only. `core/job.ts` says what the records mean. A network file system is not supported.
 * Jobs are kept until the directory is deleted: about 0.7 KB and the result for each.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { EverywordError, messageOf } from "../errors.ts";
import type { BatchIds } from "./core/batch-reply.ts";
import type { Job, JobFacts, JobPart, JobStatus } from "./core/job.ts";
import { syncDirectory } from "./ledger-generations.ts";
import { type LedgerLog, openLog } from "./ledger-log.ts";
import { isAlive, processIdentity } from "../process-identity.ts";
import { MissingResultError, readStored, type StoredResult, writeStored } from "./result-store.ts";

/** Claims of this process whose release could not be written: one for each job in hand on a full disk. */
const abandoned = new Set<string>();

/** The right to work on a job, until `release`, or until the process ends. */
export interface Claim {
  readonly job: string;
  readonly claim: string;
}

/** What a status record may say besides the status. */
export interface StatusDetails {
  readonly facts?: JobFacts | undefined;
  readonly ids?: BatchIds | undefined;
  readonly parts?: readonly JobPart[] | undefined;
  readonly message?: string | undefined;
  readonly code?: string | undefined;
}

/**
 * @param compactFromBytes a file of records is made shorter from this size on.
 * @throws EverywordError `input-unreadable` when the directory cannot be made or written.
 */
export async function openLedger(
  directory: string,
  nowMs: () => number = Date.now,
  compactFromBytes?: number,
): Promise<Ledger> {
  try {
    await mkdir(join(directory, "results"), { recursive: true, mode: 0o700 });
    const log = await openLog(directory, compactFromBytes);
    await syncDirectory(directory);
    return new Ledger(directory, log, nowMs);
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
  readonly #log: LedgerLog;
  readonly #nowMs: () => number;
  readonly #owner = processIdentity();
  readonly #mine = new Set<string>();
  #claims = 0;
  #closed = false;

  /** Use {@link openLedger}. */
  constructor(directory: string, log: LedgerLog, nowMs: () => number) {
    this.directory = directory;
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** Every job, in the order of its first record. */
  async list(): Promise<Job[]> {
    await this.#log.catchUp();
    return this.#log.table.jobs();
  }

  async find(id: string): Promise<Job | undefined> {
    await this.#log.catchUp();
    return this.#log.table.job(id);
  }

  /** `undefined` while another living process, or another call of this one, works on the job. */
  async claim(id: string): Promise<Claim | undefined> {
    await this.#log.catchUp();
    const holder = this.#log.table.holder(id);
    if (holder !== undefined) {
      const living =
        holder.owner === this.#owner
          ? this.#mine.has(holder.claim)
          : isAlive(holder.owner) && !abandoned.has(holder.claim);
      if (living) return undefined;
    }
    this.#claims += 1;
    const claim = `${this.#owner}#${this.#claims}`;
    this.#mine.add(claim);
    const over = this.#log.table.lastClaim(id);
    await this.#log.append({ ...this.#base(id, claim), type: "claim", owner: this.#owner, over });
    if (this.#log.table.holder(id)?.claim === claim) return { job: id, claim };
    this.#mine.delete(claim);
    return undefined;
  }

  /** Idempotent. What cannot be written down is released for other processes when this one ends. */
  async release(claim: Claim): Promise<void> {
    if (!this.#mine.delete(claim.claim)) return;
    try {
      await this.#log.append({ ...this.#base(claim.job, claim.claim), type: "release" });
    } catch (error) {
      // Whatever the claim was held for has told why nothing can be written.
      if (!(error instanceof EverywordError)) throw error;
      abandoned.add(claim.claim);
    }
  }

  /**
   * Resolves once the step is on the disk.
   *
   * @throws EverywordError `usage` when the claim is lost or the step may not follow: a bug, or a
   * process that was believed dead; `input-unreadable` when the ledger cannot be written.
   */
  async step(claim: Claim, status: JobStatus, details: StatusDetails = {}): Promise<Job> {
    const base = this.#base(claim.job, claim.claim);
    await this.#log.append({ ...base, type: "status", status, ...details });
    const job = this.#log.table.job(claim.job);
    const counted =
      this.#log.table.holder(claim.job)?.claim === claim.claim && job?.status === status;
    if (job !== undefined && counted) return job;
    throw new EverywordError(
      "usage",
      `The job ${claim.job} cannot become ${status} from ${job?.status ?? "nothing"} here; another process works on it, wait for that one.`,
    );
  }

  async storeResult(id: string, result: StoredResult): Promise<void> {
    await writeStored(join(this.directory, "results"), id, result);
  }

  /** @throws MissingResultError when it is not there or damaged. */
  async readResult(id: string): Promise<StoredResult> {
    const directory = join(this.directory, "results");
    const stored = await readStored(directory, id);
    if (stored !== undefined) return stored;
    throw new MissingResultError(directory, id, await this.find(id));
  }

  async hasResult(id: string): Promise<boolean> {
    return (await readStored(join(this.directory, "results"), id)) !== undefined;
  }

  /** Waits for what is being written. What this process holds is released. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const held = this.#log.table.jobs().flatMap((job) => {
      const claim = this.#log.table.holder(job.id)?.claim;
      return claim !== undefined && this.#mine.has(claim) ? [{ job: job.id, claim }] : [];
    });
    await Promise.all(held.map((claim) => this.release(claim)));
    this.#closed = true;
    await this.#log.close();
  }

  #base(job: string, claim: string): { v: 1; at: number; job: string; claim: string } {
    return { v: 1, at: this.#nowMs(), job, claim };
  }
}
