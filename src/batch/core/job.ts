/**
 * A job's life as the ledger tells it. The ledger is a list of records in one total order, which
 * every process reads alike; this file folds them.
 *
 * Who may write about a job is decided by the list itself. A claim names the claim it follows
 * (`over`, none for the first): of two claims that follow the same one the earlier in the list
 * counts, the later is void. A record about a job counts only under the job's current claim. So a
 * claim is a compare-and-swap, without any lock that a killed process could leave behind; a claim
 * whose process is gone is followed by whoever comes next.
 *
 * What a status allows, and what is done about a job whose process died in it:
 *
 * | status       | means                                            | after a crash            |
 * |--------------|--------------------------------------------------|--------------------------|
 * | prepared     | the file is known by its content                 | submit                   |
 * | submitting   | the upload runs, its last bytes are held back     | submit: nothing accepted |
 * | committing   | the last bytes may have left                     | ask the user             |
 * | unanswered   | they have, and the answer is lost                | ask the user             |
 * | submitted    | accepted; both ids are known                     | poll                     |
 * | done         | the result is stored                             | nothing, while it is     |
 * | failed       | refused, or the service gave up                  | a new run submits again  |
 * | skipped      | unanswered, and the user let it be               | a new run asks again     |
 * | cancelled    | the user gave it up                              | a new run goes on        |
 *
 * A file that is too large for one request is a job with `parts`. Each of them is a job of its own
 * with the table above, which is where it is decided what may be sent again. The job of the whole is
 * `submitting` until all parts are accepted, then `submitted`, and `done` once they are put together;
 * whatever happened before, a new run goes on with the parts that are missing.
 *
 * A result can get lost after its job was `done`. It is fetched again by the ids, and the job is done
 * again, or `failed` where the service does not have it any more.
 */
import type { BatchIds } from "./batch-reply.ts";
import { isRecord, parseJson } from "../../error-body.ts";
import type { FileTask } from "./fields.ts";
import type { Part } from "./split.ts";

/** What each status means and allows: the table above. */
export type JobStatus =
  | "prepared"
  | "submitting"
  | "committing"
  | "unanswered"
  | "submitted"
  | "done"
  | "failed"
  | "skipped"
  | "cancelled";

/** From each status the ones that may follow. A record that jumps is void. */
const FOLLOWS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  prepared: ["prepared", "submitting", "failed", "cancelled"],
  submitting: ["submitting", "committing", "failed", "cancelled"],
  committing: ["submitting", "unanswered", "submitted", "done", "failed", "skipped", "cancelled"],
  unanswered: ["submitting", "skipped", "cancelled"],
  submitted: ["submitted", "done", "failed", "cancelled"],
  done: ["submitted", "done", "failed", "cancelled"],
  failed: ["submitting", "cancelled"],
  skipped: ["submitting", "unanswered", "cancelled"],
  cancelled: ["submitting", "submitted"],
};

/** `batch`: submitted and polled. `sync`: one request answers it. */
export type JobMode = "sync" | "batch";

/** One part of a file that is sent in several; positions are frames of 16 kHz since it began. */
export interface JobPart extends Part {
  /** Of the job that sends it. */
  readonly id: string;
}

/** What a job is; written once, with `prepared`. */
export interface JobFacts {
  /** The file, as it was named. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** SHA-256 of the file's content, hexadecimal. */
  readonly sha256: string;
  /** What is asked of the service. */
  readonly task: FileTask;
  /** By which way. */
  readonly mode: JobMode;
  /** Host and port of the service. */
  readonly host: string;
  /** Only of a part: the id of the job of the whole. */
  readonly partOf?: string | undefined;
}

interface RecordBase {
  /** Format of the record. */
  readonly v: 1;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly job: string;
  readonly claim: string;
}

export interface ClaimRecord extends RecordBase {
  readonly type: "claim";
  readonly owner: string;
  readonly over?: string | undefined;
}

export interface ReleaseRecord extends RecordBase {
  readonly type: "release";
}

export interface StatusRecord extends RecordBase {
  readonly type: "status";
  readonly status: JobStatus;
  readonly facts?: JobFacts | undefined;
  readonly ids?: BatchIds | undefined;
  readonly parts?: readonly JobPart[] | undefined;
  /** Why it failed, or what was lost. */
  readonly message?: string | undefined;
  readonly code?: string | undefined;
}

/** What all records of a job up to here came to; stands where those were left out. */
export interface SnapshotRecord extends RecordBase {
  readonly type: "snapshot";
  /** Who holds the claim; none when it was released. */
  readonly owner?: string | undefined;
  /** None for a job that was claimed and never prepared. */
  readonly state?: Job | undefined;
}

/** The list goes on elsewhere: nothing that stands behind this counts. */
export interface SealRecord extends RecordBase {
  readonly type: "seal";
}

export type LedgerRecord = ClaimRecord | ReleaseRecord | StatusRecord | SnapshotRecord | SealRecord;

/** What is known of a job. */
export interface Job {
  /** Hash of content, options and service: the same work has the same id. */
  readonly id: string;
  /** Where it stands. */
  readonly status: JobStatus;
  /** What it is about. */
  readonly facts: JobFacts;
  /** Known from `submitted` on. */
  readonly ids?: BatchIds | undefined;
  /** Where the file is cut, when it is too large for one request. */
  readonly parts?: readonly JobPart[] | undefined;
  /** How many of its parts are done; told by `listJobs` and `findJob`. */
  readonly partsDone?: number | undefined;
  /** When it was accepted, in milliseconds since 1970. */
  readonly submittedMs?: number | undefined;
  /** When its status last changed, in milliseconds since 1970. */
  readonly updatedMs: number;
  /** Why it failed, for a person. */
  readonly message?: string | undefined;
  /** Why it failed, for programs: the code of an `EverywordError`. */
  readonly code?: string | undefined;
}

interface Holder {
  readonly claim: string;
  readonly owner: string;
}

/** All jobs of a ledger, folded record by record. */
export class JobTable {
  readonly #jobs = new Map<string, Job>();
  readonly #holders = new Map<string, Holder>();
  /** The last claim of each job, also after its release: the next claim must follow it. */
  readonly #lastClaim = new Map<string, string>();

  jobs(): Job[] {
    return [...this.#jobs.values()];
  }

  job(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  holder(id: string): Holder | undefined {
    return this.#holders.get(id);
  }

  /** What a new claim has to follow. */
  lastClaim(id: string): string | undefined {
    return this.#lastClaim.get(id);
  }

  /** One record a job that says all that is known: folded by a new table they give this one. */
  snapshot(): SnapshotRecord[] {
    const ids = new Set([...this.#jobs.keys(), ...this.#holders.keys()]);
    return [...ids].map((id) => {
      const state = this.#jobs.get(id);
      const at = state?.updatedMs ?? 0;
      const claim = this.#lastClaim.get(id) ?? "";
      return {
        v: 1,
        type: "snapshot",
        at,
        job: id,
        claim,
        owner: this.#holders.get(id)?.owner,
        state,
      };
    });
  }

  /** Folds one record; a void one changes nothing. @returns whether it counted. */
  handleRecord(record: LedgerRecord): boolean {
    if (record.type === "seal") return false;
    if (record.type === "snapshot") return this.#handleSnapshot(record);
    const holder = this.#holders.get(record.job);
    if (record.type === "claim") {
      if (record.over !== this.#lastClaim.get(record.job)) return false;
      this.#lastClaim.set(record.job, record.claim);
      this.#holders.set(record.job, { claim: record.claim, owner: record.owner });
      return true;
    }
    if (holder?.claim !== record.claim) return false;
    if (record.type === "release") return this.#holders.delete(record.job);
    return this.#handleStatus(record);
  }

  #handleSnapshot({ job, claim, owner, state }: SnapshotRecord): boolean {
    this.#lastClaim.set(job, claim);
    if (owner !== undefined) this.#holders.set(job, { claim, owner });
    if (state !== undefined) this.#jobs.set(job, state);
    return true;
  }

  #handleStatus(record: StatusRecord): boolean {
    const before = this.#jobs.get(record.job);
    const facts = record.facts ?? before?.facts;
    if (facts === undefined) return false;
    if (before === undefined ? record.status !== "prepared" : !mayFollow(before, record)) {
      return false;
    }
    const again = record.status === "submitting";
    const parts = record.parts ?? (again ? undefined : before?.parts);
    const accepted = record.ids !== undefined || parts !== undefined;
    const submittedMs = record.status === "submitted" && accepted ? record.at : undefined;
    this.#jobs.set(record.job, {
      id: record.job,
      status: record.status,
      facts,
      ids: again ? undefined : (record.ids ?? before?.ids),
      parts,
      // Accepted once, however often it is taken up again.
      submittedMs: again ? undefined : (before?.submittedMs ?? submittedMs),
      updatedMs: record.at,
      message: record.message,
      code: record.code,
    });
    return true;
  }
}

/** What the job of a whole comes to by its parts, which were committed and not the whole. */
const BY_PARTS: readonly JobStatus[] = ["submitted", "unanswered", "skipped"];

function mayFollow(before: Job, record: StatusRecord): boolean {
  if (FOLLOWS[before.status].includes(record.status)) return true;
  const inParts = before.status === "submitting" && before.parts !== undefined;
  return inParts && BY_PARTS.includes(record.status);
}

/** One line of the ledger; `undefined` for a torn or foreign one, which is skipped. */
export function parseRecord(line: string): LedgerRecord | undefined {
  const record = parseJson(line);
  if (!isRecord(record) || record["v"] !== 1) return undefined;
  if (typeof record["job"] !== "string" || typeof record["claim"] !== "string") return undefined;
  if (typeof record["at"] !== "number") return undefined;
  const type = record["type"];
  const fits =
    type === "release" ||
    type === "seal" ||
    (type === "snapshot" && isState(record["state"])) ||
    (type === "claim" && typeof record["owner"] === "string") ||
    (type === "status" && String(record["status"]) in FOLLOWS);
  // The fields that fold reads were looked at; the rest is handed through as it was written.
  return fits ? (record as unknown as LedgerRecord) : undefined;
}

function isState(state: unknown): boolean {
  return (
    state === undefined ||
    (isRecord(state) && String(state["status"]) in FOLLOWS && isRecord(state["facts"]))
  );
}
