/**
 * A file that is too large for one job: each part is a job of its own in the ledger, the whole is one
 * job for everybody else. The whole's claim is held all the while, so nobody else works on its parts.
 *
 * Where the file is cut is on the disk before the first part is sent. As long as any part is, or may
 * have been, accepted, the file is cut there again, whatever the options say by then; so a run after a
 * crash sends exactly the missing parts.
 */
import { createHash } from "node:crypto";
import { EverywordError } from "../errors.ts";
import { claimed, mustFind } from "./claimed-job.ts";
import { type Job, type JobPart } from "./core/job.ts";
import { nextStep } from "./core/next-step.ts";
import { joinParts } from "./core/join-parts.ts";
import type { Part } from "./core/split.ts";
import { verboseJson } from "./core/verbose-json.ts";
import { awaitJob, finish } from "./finish-job.ts";
import type { Claim, Ledger } from "./ledger.ts";
import type { UploadPiece } from "./prepare-upload.ts";
import { mustHaveTimes, prepareFor } from "./request-file.ts";
import type { RunContext } from "./run-context.ts";
import { stepOf } from "./lost-result.ts";
import { storedResult } from "./stored-result.ts";
import { decide, hooksOf, submitClaimed } from "./submit-claimed.ts";
import { submitPiece, UnansweredError } from "./submit-job.ts";

const RATE = 16_000;

/** The parts of a job that must not be cut anew: one of them is, or may have been, accepted. */
export async function keptParts(
  ledger: Ledger,
  { parts }: Job,
): Promise<readonly JobPart[] | undefined> {
  for (const { id } of parts ?? []) {
    if (nextStep(await ledger.find(id)) !== "submit") return parts;
  }
  return undefined;
}

/** Sends what is missing of a job that was cut before. @throws as `runJob`. */
export async function submitMissing(
  context: RunContext,
  claim: Claim,
  path: string,
  parts: readonly JobPart[],
): Promise<Job> {
  const { caller, ledger, options } = context;
  const allowed = new Set<string>();
  let missing = 0;
  await begin(context, claim, path, parts);
  await noting(context, claim, parts, async () => {
    // Before the file is decoded, which takes a while: may what is unanswered be sent again?
    for (const { id } of parts) {
      const step = nextStep(await ledger.find(id));
      if (step === "ask" && (await allows(context, id, path))) allowed.add(id);
      if (step === "ask" || step === "submit") missing += 1;
    }
  });
  if (missing === 0) return ledger.step(claim, "submitted", { parts });
  return context.upload(async () => {
    const prepared = await prepareFor(caller, path, { ...options, parts });
    try {
      return await submitParts(context, claim, path, prepared.pieces, allowed);
    } finally {
      await prepared.dispose();
    }
  }, caller.signal);
}

/**
 * Sends the parts that are not accepted, one after the other. Runs within the turn of the whole.
 *
 * @param allowed those that may be sent although they may have been accepted.
 * @throws as `runJob`.
 */
export async function submitParts(
  context: RunContext,
  claim: Claim,
  path: string,
  pieces: readonly UploadPiece[],
  allowed: ReadonlySet<string> = new Set(),
): Promise<Job> {
  mustHaveTimes(path, context.fields);
  const parts = pieces.map(({ part }) => jobPart(claim.job, part));
  await begin(context, claim, path, parts);
  await noting(context, claim, parts, async () => {
    for (const [index, piece] of pieces.entries()) {
      const { id } = parts[index] ?? jobPart(claim.job, piece.part);
      const place = { path, piece, part: index + 1, parts: pieces.length };
      await submitPart(context, claim, id, place, allowed.has(id));
    }
  });
  return context.ledger.step(claim, "submitted", { parts });
}

/**
 * Polls until all parts ended, then puts them together. False: the service gave parts up, that is
 * written down, and they are worth another submit.
 *
 * @throws as `awaitJob`.
 */
export async function awaitParts(
  context: RunContext,
  claim: Claim,
  parts: readonly JobPart[],
): Promise<boolean> {
  const { ledger, fields, options } = context;
  const ends = await Promise.allSettled(parts.map(({ id }) => awaitPart(context, id)));
  const failed = ends.find((end) => end.status === "rejected");
  const givenUp = ends.findIndex((end) => end.status === "fulfilled" && !end.value);
  if (failed !== undefined || givenUp >= 0) {
    const jobs = await Promise.all(parts.map(({ id }) => ledger.find(id)));
    const bad = jobs.find((job) => job?.status === "failed");
    // Else only the wait ended: the parts go on, and the next run waits for them.
    if (bad !== undefined) {
      await ledger.step(claim, "failed", { message: bad.message, code: bad.code });
    }
    if (failed !== undefined) throw failed.reason;
    return false;
  }
  const results = await Promise.all(
    parts.map(({ id }) => storedResult(ledger, id, fields, options)),
  );
  const result = joinParts(results, parts.map(secondsOf), fields);
  await finish(context, claim, verboseJson(result), "application/json", result);
  return true;
}

async function awaitPart(context: RunContext, id: string): Promise<boolean> {
  const claim = await claimed(context, id);
  try {
    const job = await mustFind(context.ledger, id);
    const step = await stepOf(context.ledger, job);
    return step === "nothing" || (await awaitJob(context, claim, job));
  } finally {
    await context.ledger.release(claim);
  }
}

interface PartPost {
  readonly path: string;
  readonly piece: UploadPiece;
  readonly part: number;
  readonly parts: number;
}

async function submitPart(
  context: RunContext,
  whole: Claim,
  id: string,
  post: PartPost,
  allowed: boolean,
): Promise<void> {
  const { caller, ledger, fields, options } = context;
  const { path, piece } = post;
  const claim = await claimed(context, id);
  try {
    if ((await ledger.find(id)) === undefined) {
      const { facts } = await mustFind(ledger, whole.job);
      const own = { ...facts, bytes: piece.bytes, partOf: whole.job };
      await ledger.step(claim, "prepared", { facts: own });
    }
    const job = await mustFind(ledger, id);
    const step = nextStep(job);
    if (step === "nothing" || step === "poll") return;
    if (step === "ask" && !allowed) await decide(context, claim, job, path);
    const hooks = hooksOf({ ...context, mode: "batch" }, claim, path);
    await submitClaimed(context, claim, path, () =>
      submitPiece(caller, post, fields, options, hooks),
    );
  } finally {
    await ledger.release(claim);
  }
}

async function allows(context: RunContext, id: string, path: string): Promise<boolean> {
  const claim = await claimed(context, id);
  try {
    await decide(context, claim, await mustFind(context.ledger, id), path);
    return true;
  } finally {
    await context.ledger.release(claim);
  }
}

async function begin(
  { ledger }: RunContext,
  claim: Claim,
  path: string,
  parts: readonly JobPart[],
): Promise<void> {
  const { facts } = await mustFind(ledger, claim.job);
  await ledger.step(claim, "submitting", { facts: { ...facts, path, mode: "batch" }, parts });
}

/** What ends the sending of parts is written down for the whole too. @throws what `work` throws. */
async function noting(
  { ledger, caller }: RunContext,
  claim: Claim,
  parts: readonly JobPart[],
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (caller.signal?.aborted !== true && error instanceof EverywordError) {
      const { message, code } = error;
      const jobs = await Promise.all(parts.map(({ id }) => ledger.find(id)));
      const skipped = jobs.some((job) => job?.status === "skipped");
      const lost = skipped ? "skipped" : "unanswered";
      const status = error instanceof UnansweredError ? lost : "failed";
      // A ledger that cannot be written has been told by the error itself.
      await ledger.step(claim, status, { message, code }).catch(() => undefined);
    }
    throw error;
  }
}

/** The same part of the same work has the same id. */
function jobPart(whole: string, part: Part | undefined): JobPart {
  if (part === undefined) throw new TypeError("Cannot name a part: it must be cut, got a whole");
  const { fromFrame, toFrame, cutFrame } = part;
  const work = JSON.stringify([1, whole, fromFrame, toFrame, cutFrame]);
  const id = createHash("sha256").update(work).digest("hex").slice(0, 32);
  return { id, fromFrame, toFrame, cutFrame };
}

function secondsOf({ fromFrame, toFrame, cutFrame }: Part): {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly cutSeconds: number;
} {
  return {
    startSeconds: fromFrame / RATE,
    endSeconds: toFrame / RATE,
    cutSeconds: cutFrame / RATE,
  };
}
