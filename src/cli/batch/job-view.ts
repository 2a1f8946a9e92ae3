/** Jobs as people read them. Pure. */
import type { Job } from "../../batch/core/job.ts";
import { printable } from "../printable.ts";

const SHORT = 12;

function shortId(id: string): string {
  return id.slice(0, SHORT);
}

/** `3f2a91…  submitted  2026-01-31 12:00  /calls/one.mp3  (1 of 3 parts done)`. */
export function jobLine(job: Job): string {
  const { id, status, updatedMs, facts } = job;
  const when = new Date(updatedMs).toISOString().slice(0, 16).replace("T", " ");
  const parts = job.parts === undefined || status === "done" ? "" : `  (${partsOf(job)})`;
  return `${shortId(id)}  ${status.padEnd(10)}  ${when}  ${printable(facts.path)}${parts}`;
}

function partsOf({ parts = [], partsDone }: Job): string {
  return partsDone === undefined
    ? `${parts.length} parts`
    : `${partsDone} of ${parts.length} parts done`;
}

export function jobSummary(jobs: readonly Job[]): string {
  if (jobs.length === 0) return "no jobs";
  const counts = new Map<string, number>();
  for (const { status } of jobs) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}

export function jobView(job: Job): string {
  const { facts, ids, message } = job;
  const lines = [
    jobLine(job),
    `  ${facts.task}, ${(facts.bytes / 1e6).toFixed(1)} MB, at ${facts.host}`,
    ...(ids === undefined ? [] : [`  account ${ids.accountId}, batch ${ids.batchId}`]),
    ...(message === undefined ? [] : [`  ${printable(message)}`]),
  ];
  return lines.join("\n");
}
