/** The job of a file, or of an id, while this process is the one that works on it. */
import type { Job, JobFacts } from "./core/job.ts";
import { syncBase } from "./file-caller.ts";
import { hashFile, jobId } from "./file-key.ts";
import type { Claim, Ledger } from "./ledger.ts";
import type { RunContext } from "./run-context.ts";

/** Another process, or another path with the same content, has the job: look again after this. */
const BUSY_MS = 500;
/** Knows the file by its content, claims its job, and sees to it that the ledger has it. */
export async function withJob<Value>(
  context: RunContext,
  path: string,
  work: (claim: Claim) => Promise<Value>,
): Promise<Value> {
  const { caller, ledger, fields, mode } = context;
  const content = await context.hash(() => hashFile(path, caller.signal), caller.signal);
  const id = jobId(content, fields, caller.service);
  const claim = await claimed(context, id);
  try {
    if ((await ledger.find(id)) === undefined) {
      const { host } = new URL(
        mode === "sync" ? syncBase(caller.service, fields) : caller.service.batch,
      );
      const facts: JobFacts = { path, ...content, task: fields.task, mode, host };
      await ledger.step(claim, "prepared", { facts });
    }
    return await work(claim);
  } finally {
    await ledger.release(claim);
  }
}

/** Waits for whoever has it. @throws the signal's reason. */
export async function claimed({ caller, ledger }: RunContext, id: string): Promise<Claim> {
  for (;;) {
    caller.signal?.throwIfAborted();
    const claim = await ledger.claim(id);
    if (claim !== undefined) return claim;
    await caller.clock.sleep(BUSY_MS, caller.signal);
  }
}

/** For jobs that are known to be there. */
export async function mustFind(ledger: Ledger, id: string): Promise<Job> {
  const job = await ledger.find(id);
  if (job !== undefined) return job;
  throw new TypeError(`Cannot go on with the job ${id}: it must be in the ledger, got none`);
}
