/** Many files through the queue: transcribed, or only submitted, or only waited for. */
import { checkFields, type CheckedFields } from "./core/fields.ts";
import { fieldsOfForm } from "./core/form-fields.ts";
import type { Job, JobMode } from "./core/job.ts";
import { defaultRates, RateLimiter, type RateLimits } from "./core/limiter.ts";
import { DEFAULT_POLLING, type PollPolicy, Turnaround } from "./core/poll-schedule.ts";
import type { FileResult } from "./core/result.ts";
import { callerOf } from "./file-caller.ts";
import { FileRun, type Work } from "./file-run.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { LimitedHttp, type MinutesOf } from "./limited-http.ts";
import { Poller } from "./poller.ts";
import type { Caller } from "./post-file.ts";
import { requestFile } from "./request-file.ts";
import type { OnAmbiguous, RunContext, Turn } from "./run-context.ts";
import { resumeJob, runJob, submitOnce } from "./run-job.ts";
import { storedResult } from "./stored-result.ts";
import type { SubmitOptions } from "./submit-job.ts";

/** Options of a request, and how many files are worked on at once. */
export interface FilesOptions extends SubmitOptions {
  /** `sync` (default): one request a file. `batch`: submit and poll; needs `ledger`. */
  readonly mode?: JobMode | undefined;
  /** Directory of the job ledger: what is done is not done again, what was begun is gone on with. */
  readonly ledger?: string | undefined;
  /** Uploads at once. Default 4. */
  readonly uploads?: number | undefined;
  /**
   * Files begun and not yet handed to the caller. Default 1000 in `batch`, else `uploads` + 16.
   * Reached: no further path is taken from the list.
   */
  readonly openFiles?: number | undefined;
  /** Default: the documented ones for the model. */
  readonly rates?: Partial<RateLimits> | undefined;
  /** Default: from the header of WAV and FLAC, else by size. */
  readonly minutesOf?: MinutesOf | undefined;
  /** In `batch`: how often a job is asked for, and for how long at most. */
  readonly polling?: Partial<PollPolicy> | undefined;
  /** What to do with a file that may have been accepted already. Default `ask`: an `UnansweredError` for that file. */
  readonly onAmbiguous?: OnAmbiguous | undefined;
}

/** With the ledger that batch jobs cannot do without (P29). */
export interface LedgerOptions extends FilesOptions {
  /** Directory of the job ledger. */
  readonly ledger: string;
}

/** Paths or URLs, at hand or found as they are needed. */
type Names = Iterable<string> | AsyncIterable<string>;

/**
 * Transcribes many files; outcomes come in the order in which files end. A file that fails harms
 * no other one. Leaving the loop ends the run; with a ledger the next run goes on with it.
 *
 * @throws TypeError | RangeError for options that contradict each other, before anything is sent.
 * @example
 * for await (const one of transcribeFiles(paths, { service, mode: "batch", ledger: ".jobs" })) {
 *   console.log(one.path, one.ok ? one.result.text : one.error);
 * }
 */
export function transcribeFiles(paths: Names, options: FilesOptions): FileRun<FileResult> {
  const { ledger: directory, mode = "sync" } = options;
  if (mode === "batch" && directory === undefined) {
    throw new TypeError(
      "Cannot transcribe files: ledger must be a directory in batch mode, got none",
    );
  }
  return runOver(paths, options, mode, async (shared) => {
    const { fields } = shared;
    if (directory === undefined) {
      return { run: (path, caller) => direct(shared, path, caller), close: async () => undefined };
    }
    const context = await contextOf(shared, directory, mode);
    return {
      run: async (path, caller) => {
        const id = await runJob({ ...context, caller }, path);
        // The result waits on the disk until it is asked for.
        return () => storedResult(context.ledger, id, fields, options);
      },
      close: () => closeContext(context),
    };
  });
}

/**
 * Submits many files and waits for none: each outcome is the job as the ledger has it. A file that
 * was accepted before is not sent again.
 */
export function submitFiles(paths: Names, options: LedgerOptions): FileRun<Job> {
  return runOver(paths, options, "batch", async (shared) => {
    const context = await contextOf(shared, options.ledger, "batch");
    return {
      run: async (path, caller) => {
        const job = await submitOnce({ ...context, caller }, path);
        return () => Promise.resolve(job);
      },
      close: () => closeContext(context),
    };
  });
}

/**
 * Waits for jobs of the ledger by their ids, without their files. A job that was never accepted
 * ends with an error `usage`.
 */
export function waitForJobs(ids: Names, options: LedgerOptions): FileRun<FileResult> {
  return runOver(ids, options, "batch", async (shared) => {
    const context = await contextOf(shared, options.ledger, "batch");
    return {
      run: async (id, caller) => {
        await resumeJob({ ...context, caller }, id);
        return async () => {
          const { form, facts } = await context.ledger.readResult(id);
          return storedResult(context.ledger, id, fieldsOfForm(form, facts.task), options);
        };
      },
      close: () => closeContext(context),
    };
  });
}

interface Shared {
  readonly caller: Caller;
  readonly fields: CheckedFields;
  readonly options: FilesOptions;
  readonly upload: Turn;
  readonly hash: Turn;
}

function runOver<Value>(
  paths: Names,
  options: FilesOptions,
  mode: JobMode,
  open: (shared: Shared) => Promise<Work<Value>>,
): FileRun<Value> {
  const { uploads = 4, openFiles = mode === "batch" ? 1000 : uploads + 16 } = options;
  const fields = checkFields(options.task ?? "transcribe", options, options.service.kind);
  const plain = callerOf(options);
  const limiter = new RateLimiter({ ...defaultRates(fields.model), ...options.rates });
  const http = new LimitedHttp(plain.http, limiter, plain.clock, options.minutesOf);
  const caller = { ...plain, http };
  return new FileRun({
    paths,
    caller,
    uploads,
    openFiles,
    open: (turns) => open({ caller, fields, options, ...turns }),
  });
}

async function direct(
  { fields, options, upload }: Shared,
  path: string,
  caller: Caller,
): Promise<() => Promise<FileResult>> {
  const outcome = await upload(() => requestFile(caller, path, fields, options), caller.signal);
  if (!outcome.ok) throw outcome.failure.error;
  const { result } = outcome.value;
  return () => Promise.resolve(result);
}

async function closeContext({ poller, ledger }: RunContext): Promise<void> {
  poller.close();
  await ledger.close();
}

async function contextOf(
  { caller, fields, options, upload, hash }: Shared,
  directory: string,
  mode: JobMode,
): Promise<RunContext & { readonly ledger: Ledger }> {
  return {
    caller,
    ledger: await openLedger(directory, () => caller.clock.nowMs()),
    poller: new Poller(caller, { ...DEFAULT_POLLING, ...options.polling }),
    turnaround: new Turnaround(),
    fields,
    mode,
    options,
    onAmbiguous: options.onAmbiguous ?? "ask",
    upload,
    hash,
  };
}
