/** What all files of a run through the ledger share. */
import type { CheckedFields } from "./core/fields.ts";
import type { Job, JobMode } from "./core/job.ts";
import type { Turnaround } from "./core/poll-schedule.ts";
import type { Ledger } from "./ledger.ts";
import type { Poller } from "./poller.ts";
import type { Caller } from "./post-file.ts";
import type { RequestOptions } from "./request-file.ts";

/** What to do with a file that may have been accepted already. */
export type AmbiguousChoice = "resubmit" | "skip";

/** An answer for all files, a question for each, or `ask`: the file fails and says so. */
export type OnAmbiguous = "ask" | AmbiguousChoice | ((job: Job) => Promise<AmbiguousChoice>);

/** Runs work when its turn comes; rejects with the signal's reason when that fires before. */
export type Turn = <Value>(
  work: () => Promise<Value>,
  signal: AbortSignal | undefined,
) => Promise<Value>;

/** What all files of a run share. */
export interface RunContext {
  readonly caller: Caller;
  readonly ledger: Ledger;
  readonly poller: Poller;
  readonly turnaround: Turnaround;
  readonly fields: CheckedFields;
  readonly mode: JobMode;
  readonly options: RequestOptions;
  readonly onAmbiguous: OnAmbiguous;
  /** Runs an upload when the queue lets it. */
  readonly upload: Turn;
  /** Runs the reading of a file when the disk is free. */
  readonly hash: Turn;
}
