import { expect, test } from "vitest";
import {
  type JobFacts,
  type JobStatus,
  JobTable,
  type LedgerRecord,
  parseRecord,
} from "../../../src/batch/core/job.ts";
import { nextStep } from "../../../src/batch/core/next-step.ts";

const FACTS: JobFacts = {
  path: "a.wav",
  bytes: 1,
  sha256: "00",
  task: "transcribe",
  mode: "batch",
  host: "h",
};
const IDS = { batchId: "b", accountId: "a", endpointId: "e" };

function claim(name: string, over?: string): LedgerRecord {
  return { v: 1, at: 0, job: "j", claim: name, type: "claim", owner: name, over };
}

function status(word: JobStatus, by = "c1", at = 1): LedgerRecord {
  const ids = word === "submitted" ? IDS : undefined;
  return { v: 1, at, job: "j", claim: by, type: "status", status: word, facts: FACTS, ids };
}

function fold(records: readonly LedgerRecord[]): {
  readonly table: JobTable;
  readonly counted: boolean[];
} {
  const table = new JobTable();
  return { table, counted: records.map((record) => table.handleRecord(record)) };
}

test("of two claims that follow the same one the earlier in the list counts", () => {
  const { table, counted } = fold([claim("c1"), claim("c2"), claim("c3", "c1"), claim("c4", "c1")]);
  expect([counted, table.holder("j")?.claim]).toEqual([[true, false, true, false], "c3"]);
});

test("who lost the claim writes nothing any more", () => {
  const { table, counted } = fold([
    claim("c1"),
    status("prepared"),
    claim("c2", "c1"),
    status("submitting", "c1"),
    status("submitting", "c2"),
  ]);
  expect([counted, table.job("j")?.status]).toEqual([
    [true, true, true, false, true],
    "submitting",
  ]);
});

test("after a release the next claim still has to follow the last one", () => {
  const release: LedgerRecord = { v: 1, at: 0, job: "j", claim: "c1", type: "release" };
  const { counted } = fold([claim("c1"), release, claim("c2"), claim("c3", "c1")]);
  expect(counted).toEqual([true, true, false, true]);
});

test("a submitted job keeps its ids and its time; a new submit forgets them", () => {
  const life: readonly JobStatus[] = [
    "prepared",
    "submitting",
    "committing",
    "submitted",
    "failed",
  ];
  const { table } = fold([claim("c1"), ...life.map((word, at) => status(word, "c1", at))]);
  const failed = table.job("j");
  table.handleRecord(status("submitting"));
  const again = table.job("j");
  expect([failed?.ids, failed?.submittedMs, again?.ids, again?.submittedMs]).toEqual([
    IDS,
    3,
    undefined,
    undefined,
  ]);
});

test("a step that may not follow is void: nothing is submitted behind a lost answer or a result", () => {
  const tried = (["committing", "unanswered", "submitted", "done"] as const).map((from) => {
    const path: JobStatus[] = ["prepared", "submitting", "committing"];
    if (from !== "committing") path.push(from === "done" ? "submitted" : from);
    if (from === "done") path.push("done");
    const { table } = fold([claim("c1"), ...path.map((word) => status(word))]);
    const next = (["prepared", "committing", "submitting"] as const).map((word) =>
      table.handleRecord(status(word)),
    );
    return [from, ...next];
  });
  expect(tried).toEqual([
    ["committing", false, false, true],
    ["unanswered", false, false, true],
    ["submitted", false, false, false],
    ["done", false, false, false],
  ]);
});

test("what a new run does about each status a process may have died in", () => {
  const job = { id: "j", facts: FACTS, updatedMs: 0 } as const;
  const sync = { ...job, facts: { ...FACTS, mode: "sync" as const } };
  expect([
    nextStep(undefined),
    nextStep({ ...job, status: "submitting" }),
    nextStep({ ...job, status: "committing" }),
    nextStep({ ...sync, status: "committing" }),
    nextStep({ ...job, status: "unanswered" }),
    nextStep({ ...job, status: "submitted", ids: IDS }),
    nextStep({ ...job, status: "done" }),
    nextStep({ ...job, status: "failed" }),
    nextStep({ ...job, status: "cancelled" }),
    nextStep({ ...job, status: "cancelled", ids: IDS }),
  ]).toEqual([
    "submit",
    "submit",
    "ask",
    "submit",
    "ask",
    "poll",
    "nothing",
    "submit",
    "submit",
    "poll",
  ]);
});

test("a torn or foreign line is no record", () => {
  const line = JSON.stringify(claim("c1"));
  const lines = [line, line.slice(0, -3), "{}", "\0\0", '{"v":2,"job":"j","claim":"c"}', "[]"];
  expect(lines.map((one) => parseRecord(one) !== undefined)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

const PARTS = [{ id: "p1", fromFrame: 0, toFrame: 10, cutFrame: 0 }];

function whole(word: JobStatus, parts?: typeof PARTS): LedgerRecord {
  return { v: 1, at: 1, job: "j", claim: "c1", type: "status", status: word, facts: FACTS, parts };
}

test("a job in parts is submitted by its parts, one that is not by its own last bytes", () => {
  const begin = [claim("c1"), whole("prepared")];
  const single = fold([...begin, whole("submitting"), whole("submitted")]);
  const cut = fold([...begin, whole("submitting", PARTS), whole("submitted")]);
  expect([single.counted.at(-1), cut.counted.at(-1), cut.table.job("j")]).toMatchObject([
    false,
    true,
    { status: "submitted", parts: PARTS, submittedMs: 1 },
  ]);
});

test("a file that is sent whole after all has no parts any more", () => {
  const begin = [claim("c1"), whole("prepared"), whole("submitting", PARTS), whole("failed")];
  const kept = fold(begin).table.job("j")?.parts;
  const { table } = fold([...begin, whole("submitting")]);
  expect([kept, table.job("j")?.parts]).toEqual([PARTS, undefined]);
});

test("what may be sent again of a job in parts is decided by its parts", () => {
  const words = ["prepared", "submitting", "unanswered", "skipped", "cancelled", "failed"] as const;
  const steps = [...words, "submitted" as const, "done" as const].map((word) =>
    nextStep({ id: "j", status: word, facts: FACTS, updatedMs: 0, parts: PARTS }),
  );
  expect(steps).toEqual([...words.map(() => "submit"), "poll", "nothing"]);
});
