import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cancelJob, findJob, jobResult, listJobs } from "../../src/batch/jobs.ts";
import { openLedger } from "../../src/batch/ledger.ts";
import {
  type LedgerOptions,
  submitFiles,
  transcribeFiles,
  waitForJobs,
} from "../../src/batch/transcribe-files.ts";
import { startTestServer } from "../../src/server/testing.ts";
import { speakTones, wavBytes } from "../../src/server/tone-speech.ts";
import { serverService } from "../../src/service.ts";
import { temporaryDirectory } from "./script-server.ts";

const POLLING = { firstMs: 5, minMs: 2, maxMs: 20, unknownGraceMs: 60_000 };

interface Scene {
  readonly paths: string[];
  readonly options: LedgerOptions;
}

/** The project's own server, its faults, and files that say one word each. */
async function scene(
  words: readonly string[],
  scenario: NonNullable<Parameters<typeof startTestServer>[0]>["scenario"] = {},
): Promise<Scene> {
  const server = await startTestServer({ scenario });
  onTestFinished(() => server.close());
  const directory = await temporaryDirectory();
  const paths = await Promise.all(
    words.map(async (word) => {
      const path = join(directory, `${word}.wav`);
      await writeFile(path, wavBytes(speakTones(word).samples));
      return path;
    }),
  );
  const service = serverService(server.url, "fw_key");
  const retry = { attempts: 30, baseMs: 1, capMs: 2 };
  return {
    paths,
    options: { service, ledger: join(directory, "ledger"), polling: POLLING, retry },
  };
}

async function texts(
  run: AsyncIterable<
    | { readonly ok: true; readonly result: { readonly text: string } }
    | { readonly ok: false; readonly error: unknown }
  >,
): Promise<string[]> {
  const all: string[] = [];
  for await (const one of run) all.push(one.ok ? one.result.text : (one.error as Error).name);
  return all.toSorted();
}

test("submit, list, wait without the files, read: on the project's own server", async () => {
  const { paths, options } = await scene(["alpha", "bravo", "charlie"]);
  for await (const one of submitFiles(paths, options)) if (!one.ok) throw one.error;
  const submitted = await listJobs(options.ledger);
  await Promise.all(paths.map((path) => rm(path)));
  const waited = await texts(
    waitForJobs(
      submitted.map((job) => job.id),
      options,
    ),
  );
  const first = submitted[0]!;
  const byPrefix = await jobResult(options.ledger, first.id.slice(0, 6));
  const byBatchId = await findJob(options.ledger, first.ids!.batchId);
  expect([submitted.map((job) => job.status), waited, byPrefix.text, byBatchId.status]).toEqual([
    ["submitted", "submitted", "submitted"],
    ["alpha", "bravo", "charlie"],
    first.facts.path.split("/").at(-1)!.replace(".wav", ""),
    "done",
  ]);
});

test("submitting twice sends once", async () => {
  const { paths, options } = await scene(["alpha"]);
  const ids: (string | undefined)[] = [];
  for (let run = 0; run < 2; run += 1) {
    for await (const one of submitFiles(paths, options))
      ids.push(one.ok ? one.result.ids?.batchId : "");
  }
  expect([ids[0] === ids[1], ids[0] !== undefined && ids[0] !== ""]).toEqual([true, true]);
});

test("a file that is no audio is submitted once, and its job fails for what is in it", async () => {
  const { paths, options } = await scene(["alpha"]);
  await writeFile(paths[0]!, "no audio at all");
  const outcomes: unknown[] = [];
  for await (const one of transcribeFiles(paths, { ...options, mode: "batch" })) outcomes.push(one);
  const [job] = await listJobs(options.ledger);
  expect([outcomes, job]).toMatchObject([
    [{ ok: false, error: { code: "input-unreadable" } }],
    { status: "failed", code: "input-unreadable" },
  ]);
  const records = await readFile(join(options.ledger, "ledger.jsonl"), "utf8");
  expect(records.match(/"status":"submitted"/gu)).toHaveLength(1);
});

test("a cancelled job is left alone until its file is run again, and is then gone on with", async () => {
  const { paths, options } = await scene(["alpha"]);
  for await (const one of submitFiles(paths, options)) if (!one.ok) throw one.error;
  const before = await findJob(options.ledger, paths[0]!);
  const cancelled = await cancelJob(options.ledger, before.id);
  const again = await cancelJob(options.ledger, before.id);
  const heard = await texts(transcribeFiles(paths, { ...options, mode: "batch" }));
  const after = await findJob(options.ledger, before.id);
  const tooLate = await cancelJob(options.ledger, before.id).catch((error: unknown) => error);
  expect([cancelled.status, again.status, heard, after.ids, tooLate]).toMatchObject([
    "cancelled",
    "cancelled",
    ["alpha"],
    before.ids,
    { code: "usage" },
  ]);
});

test("a job that somebody works on is not cancelled; one that is not there or not done is said to be", async () => {
  const { paths, options } = await scene(["alpha", "bravo"]);
  for await (const one of submitFiles(paths, options)) if (!one.ok) throw one.error;
  const [job] = await listJobs(options.ledger);
  const ledger = await openLedger(options.ledger);
  const claim = await ledger.claim(job!.id);
  const busy = await cancelJob(options.ledger, job!.id).catch((error: unknown) => error);
  await ledger.release(claim!);
  await ledger.close();
  const none = await findJob(options.ledger, "ffff-none").catch((error: unknown) => error);
  const early = await jobResult(options.ledger, job!.id).catch((error: unknown) => error);
  const unknown = await texts(waitForJobs(["nothing"], options));
  expect([busy, none, early, unknown]).toMatchObject([
    { code: "usage", message: expect.stringContaining("Another process works on") },
    { code: "usage", message: expect.stringContaining("No job in") },
    { code: "usage", message: expect.stringContaining("is submitted; wait for it first") },
    ["EverywordError"],
  ]);
});

test("the result of a job that failed is why it failed", async () => {
  const { paths, options } = await scene(["alpha"], { A19: { first: 1, status: 400 } });
  await texts(transcribeFiles(paths, { ...options, mode: "batch" }));
  const { message } = await findJob(options.ledger, paths[0]!);
  const result = await jobResult(options.ledger, paths[0]!).catch((error: unknown) => error);
  expect([message, result]).toMatchObject([
    expect.stringContaining("answered 400"),
    { code: "usage", message: expect.stringContaining(`is failed: ${message}`) },
  ]);
});

test.each(["sync", "batch"] as const)(
  "A14, A19, B11, B12, B9 on the project's own server: every file comes back right (%s)",
  async (mode) => {
    const words = ["alpha", "bravo", "charlie", "delta", "echo", "golf"];
    const { paths, options } = await scene(words, {
      seed: 3,
      A14: { probability: 0.14 },
      A19: { first: 2 },
      B9: { first: 1 },
      B11: true,
      B12: { first: 2, status: 502 },
    });
    // Of a file this small all bytes are on their way when the reset arrives: only the user can say.
    const heard = await texts(
      transcribeFiles(paths, { ...options, mode, onAmbiguous: "resubmit" }),
    );
    expect(heard).toEqual(words);
  },
);
