import { expect, it } from "vitest";
import type { Job } from "../../src/batch/core/job.ts";
import { jobLine } from "../../src/cli/batch/job-view.ts";

const part = { fromFrame: 0, toFrame: 1, cutFrame: 0 };
const JOB: Job = {
  id: "0123456789abcdef",
  status: "submitted",
  facts: {
    path: "/calls/one.mp3",
    bytes: 1,
    sha256: "00",
    task: "transcribe",
    mode: "batch",
    host: "h",
  },
  updatedMs: Date.UTC(2026, 0, 31, 12),
};
const line = "0123456789ab  submitted   2026-01-31 12:00  /calls/one.mp3";

it("tells a job in parts with how many of them are done, and any other in one line as well", () => {
  const parts = ["a", "b", "c"].map((id) => ({ id, ...part }));
  expect([
    jobLine(JOB),
    jobLine({ ...JOB, parts, partsDone: 1 }),
    jobLine({ ...JOB, parts }),
    jobLine({ ...JOB, parts, partsDone: 3, status: "done" }),
  ]).toEqual([
    line,
    `${line}  (1 of 3 parts done)`,
    `${line}  (3 parts)`,
    line.replace("submitted", "done     "),
  ]);
});
