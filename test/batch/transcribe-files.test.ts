import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { submitJob, waitForJob } from "../../src/batch/submit-job.ts";
import { openLedger } from "../../src/batch/ledger.ts";
import type { FileOutcome as Outcome } from "../../src/batch/file-run.ts";
import type { FileResult } from "../../src/batch/core/result.ts";
import { type LedgerOptions, transcribeFiles } from "../../src/batch/transcribe-files.ts";
import { BatchRoutes, type Faults, rightText } from "./batch-server.ts";
import { seeded } from "./random.ts";
import {
  patternBytes,
  type ScriptServer,
  serveScript,
  temporaryDirectory,
} from "./script-server.ts";

const QUICK = { baseMs: 1, capMs: 1 };
const POLLING = { firstMs: 5, minMs: 2, maxMs: 10, unknownGraceMs: 1000 };

type FileOutcome = Outcome<FileResult>;

interface Scene {
  readonly server: ScriptServer;
  readonly routes: BatchRoutes;
  readonly directory: string;
  readonly paths: readonly string[];
  readonly options: LedgerOptions;
}

async function scene(files: number, faults: Faults = {}, seed = 1): Promise<Scene> {
  const routes = new BatchRoutes(faults, seeded(seed));
  const server = await serveScript([routes.answer], (request) => {
    if (request.method !== "POST" || !routes.cutsUpload()) return false;
    request.socket.resetAndDestroy();
    return true;
  });
  const directory = await temporaryDirectory();
  const paths = Array.from({ length: files }, (_, file) => join(directory, `${file}.wav`));
  await Promise.all(
    paths.map((path, file) => writeFile(path, patternBytes(1000 + file * 10, file + 1))),
  );
  const ledger = join(directory, "ledger");
  const { service } = server;
  const options = { service, ledger, mode: "batch", retry: QUICK, polling: POLLING } as const;
  return { server, routes, directory, paths, options };
}

async function collect(run: AsyncIterable<FileOutcome>): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  for await (const outcome of run) outcomes.push(outcome);
  return outcomes.toSorted((left, right) => left.path.localeCompare(right.path));
}

async function texts(outcomes: readonly FileOutcome[]): Promise<boolean> {
  const right = await Promise.all(
    outcomes.map(async (one) => one.ok && one.result.text === rightText(await readFile(one.path))),
  );
  return right.every(Boolean);
}

test("B1, B5, B7: one file is submitted, waited for and read", async () => {
  const { server, paths, options } = await scene(1);
  const job = await submitJob(paths[0]!, options);
  const result = await waitForJob(job, options);
  expect([
    job.batchId,
    job.accountId,
    result.segments[0]?.words.length,
    server.arrived[0]?.path,
  ]).toEqual(["b0", "acct", 2, "/v1/audio/transcriptions?endpoint_id=audio-prod"]);
});

test("B15: a submit whose answer is lost is not repeated; the error says what can be done", async () => {
  const { routes, paths, options } = await scene(1, { answerLost: 1 });
  const error = await submitJob(paths[0]!, options).catch((caught: unknown) => caught);
  expect([error, routes.accepted.length]).toMatchObject([
    { name: "UnansweredError", message: expect.stringContaining("resubmit") },
    1,
  ]);
});

test("A16: so is a submit whose answer breaks off", async () => {
  const { routes, paths, options } = await scene(1, { truncated: 1 });
  const error = await submitJob(paths[0]!, options).catch((caught: unknown) => caught);
  expect([error, routes.accepted.length]).toMatchObject([{ name: "UnansweredError" }, 1]);
});

test("many files, batch and sync, come back right, each once", async () => {
  const batch = await scene(30);
  const sync = await scene(30);
  const inBatch = await collect(transcribeFiles(batch.paths, batch.options));
  const { ledger: _, ...plain } = sync.options;
  const inSync = await collect(transcribeFiles(sync.paths, { ...plain, mode: "sync" }));
  expect([
    await texts(inBatch),
    inBatch.map((one) => one.path),
    batch.routes.accepted.length,
    await texts(inSync),
    sync.server.arrived.length,
  ]).toEqual([true, batch.paths.toSorted(), 30, true, 30]);
});

test("a second run sends nothing: what is done is read from the ledger", async () => {
  const { server, paths, options } = await scene(5);
  await collect(transcribeFiles(paths, options));
  const before = server.arrived.length;
  const again = await collect(transcribeFiles(paths, { ...options, mode: "sync" }));
  expect([await texts(again), server.arrived.length - before]).toEqual([true, 0]);
});

test("the same content under two names is sent once", async () => {
  const { routes, paths, options } = await scene(2);
  await writeFile(paths[1]!, await readFile(paths[0]!));
  const outcomes = await collect(transcribeFiles(paths, options));
  expect([await texts(outcomes), outcomes.length, routes.accepted.length]).toEqual([true, 2, 1]);
});

test("two runs at once share the work and the results", async () => {
  const { routes, paths, options } = await scene(12);
  const [one, two] = await Promise.all([
    collect(transcribeFiles(paths, options)),
    collect(transcribeFiles(paths.toReversed(), options)),
  ]);
  expect([
    await texts(one),
    await texts(two),
    one.length + two.length,
    routes.accepted.length,
  ]).toEqual([true, true, 24, 12]);
});

test("with every fault at once each file ends right or is reported as ambiguous; nothing else is sent twice", async () => {
  const seed = 42;
  const faults = {
    midUpload: 0.14,
    truncated: 0.05,
    refused: 0.2,
    failed: 0.05,
    unknownFirst: 0.3,
    pollError: 0.2,
    answerLost: 0.05,
  };
  const { routes, paths, options } = await scene(60, faults, seed);
  const outcomes = await collect(
    transcribeFiles(paths, { ...options, retry: { ...QUICK, attempts: 30 } }),
  );
  const good = outcomes.filter((one) => one.ok);
  const bad = outcomes.filter((one) => !one.ok);
  const alive = routes.accepted.filter((job) => job.state !== "failed");
  const twice = alive.length - new Set(alive.map((job) => job.content)).size;
  const lost = routes.accepted.filter((job) => job.lost).length;
  const unanswered = bad.filter((one) => nameOf(one) === "UnansweredError").length;
  const givenUp = bad.filter((one) => nameOf(one) === "EverywordError").length;
  expect(
    [await texts(good), unanswered, unanswered + givenUp, twice, givenUp <= 2],
    `seed ${seed}`,
  ).toEqual([true, lost, bad.length, 0, true]);
});

async function statusesIn(directory: string): Promise<string[]> {
  const ledger = await openLedger(directory);
  const jobs = await ledger.list();
  await ledger.close();
  return jobs.map((job) => job.status);
}

/** Turns of the event loop until the condition holds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

function nameOf(outcome: FileOutcome): string {
  return !outcome.ok && outcome.error instanceof Error ? outcome.error.name : "";
}

test("onAmbiguous: resubmit sends it again, skip leaves it, a function decides", async () => {
  const asked: string[] = [];
  const decide = (job: { readonly status: string }): Promise<"skip"> => {
    asked.push(job.status);
    return Promise.resolve("skip");
  };
  const counts = [];
  for (const onAmbiguous of ["resubmit", "skip", decide] as const) {
    const { routes, paths, options } = await scene(20, { answerLost: 0.3 }, 5);
    const outcomes = await collect(transcribeFiles(paths, { ...options, onAmbiguous }));
    const statuses = await statusesIn(options.ledger);
    const lost = routes.accepted.filter((job) => job.lost).length;
    counts.push([
      outcomes.filter((one) => one.ok).length + (onAmbiguous === "resubmit" ? 0 : lost),
      lost > 0,
      statuses.filter((status) => status === "skipped").length ===
        (onAmbiguous === "resubmit" ? 0 : lost),
    ]);
  }
  expect([counts, new Set(asked)]).toEqual([
    [
      [20, true, true],
      [20, true, true],
      [20, true, true],
    ],
    new Set(["unanswered"]),
  ]);
});

test("B9: a job that the service gave up is submitted once more, then the file fails alone", async () => {
  const { routes, paths, options } = await scene(1, { failed: 1 });
  const [outcome] = await collect(transcribeFiles(paths, options));
  expect([outcome, routes.accepted.length]).toMatchObject([
    { ok: false, error: { code: "server", message: expect.stringContaining("worker died") } },
    2,
  ]);
});

test("a file that is not there fails alone, and a bad list ends the run", async () => {
  const { paths, options, directory } = await scene(2);
  const outcomes = await collect(
    transcribeFiles([...paths, join(directory, "missing.wav")], options),
  );
  function* broken(): Generator<string> {
    yield paths[0]!;
    throw new Error("no more disks");
  }
  const error = await collect(transcribeFiles(broken(), options)).catch((e: unknown) => e);
  expect([outcomes.map((one) => one.ok), error]).toMatchObject([
    [true, true, false],
    { message: "no more disks" },
  ]);
});

test("paused, nothing is uploaded; resumed, everything is", async () => {
  const { server, paths, options } = await scene(3);
  const run = transcribeFiles(paths, options);
  run.pause();
  const collected = collect(run);
  await until(async () => (await statusesIn(options.ledger)).length === 3);
  const before = server.arrived.length;
  run.resume();
  expect([before, await texts(await collected)]).toEqual([0, true]);
});

test("a cancelled file ends alone, also while it waits its turn", async () => {
  const { paths, options } = await scene(3);
  const run = transcribeFiles(paths, options);
  run.pause();
  const collected = collect(run);
  await until(async () => (await statusesIn(options.ledger)).length === 3);
  run.cancel(paths[1]);
  run.resume();
  expect(
    (await collected).map((one) => [one.ok, one.ok ? "" : (one.error as { code: string }).code]),
  ).toEqual([
    [true, ""],
    [false, "usage"],
    [true, ""],
  ]);
});

test("the caller's signal ends every file with its reason, and warns of no leak", async () => {
  const { paths, options } = await scene(30);
  const control = new AbortController();
  const reason = new Error("enough");
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  const run = transcribeFiles(paths, { ...options, signal: control.signal });
  run.pause();
  const collected = collect(run);
  await until(async () => (await statusesIn(options.ledger)).length === 30);
  control.abort(reason);
  const outcomes = await collected;
  process.off("warning", note);
  expect([
    outcomes.every((one) => !one.ok && one.error === reason),
    outcomes.length,
    warnings,
  ]).toEqual([true, 30, []]);
});

test("leaving the loop stops the run; the next one goes on without a second upload", async () => {
  const { routes, paths, options } = await scene(20);
  for await (const outcome of transcribeFiles(paths, options)) {
    if (outcome.ok) break;
  }
  const first = routes.accepted.length;
  const outcomes = await collect(transcribeFiles(paths, { ...options, onAmbiguous: "skip" }));
  const ambiguous = outcomes.filter((one) => !one.ok).length;
  expect([
    first > 0,
    routes.accepted.length <= 20,
    outcomes.filter((one) => one.ok).length + ambiguous,
  ]).toEqual([true, true, 20]);
});

test("no more files are begun than may be open while nobody takes results", async () => {
  const { paths, options } = await scene(10);
  let taken = 0;
  function* counted(): Generator<string> {
    for (const path of paths) {
      taken += 1;
      yield path;
    }
  }
  const iterator = transcribeFiles(counted(), { ...options, openFiles: 3 })[Symbol.asyncIterator]();
  await iterator.next();
  await until(() => Promise.resolve(taken >= 4));
  await iterator.return();
  expect(taken).toBe(4);
});

test("batch without a ledger is refused: its ids would be lost (P29)", async () => {
  const { options, paths } = await scene(1);
  const { ledger: _, ...rest } = options;
  expect(() => transcribeFiles(paths, rest)).toThrow("ledger must be a directory in batch mode");
});
