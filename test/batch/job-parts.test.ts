import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cancelJob, findJob, jobResult, listJobs } from "../../src/batch/jobs.ts";
import type { Job } from "../../src/batch/core/job.ts";
import type { FileResult } from "../../src/batch/core/result.ts";
import type { FileRun } from "../../src/batch/file-run.ts";
import { openLedger } from "../../src/batch/ledger.ts";
import {
  type LedgerOptions,
  submitFiles,
  transcribeFiles,
  waitForJobs,
} from "../../src/batch/transcribe-files.ts";
import { speakTones, wavBytes } from "../../src/server/tone-speech.ts";
import { serverService } from "../../src/service.ts";
import { KillService } from "./kill-service.ts";
import { temporaryDirectory } from "./script-server.ts";

const TEXT = Array.from({ length: 75 }, (_, at) => `word ${at}`).join(" ");

interface Scene {
  readonly path: string;
  readonly options: LedgerOptions;
  readonly service: KillService;
}

/** One file that goes up in three parts of at most 10 s, to a server that has no fault but those of the scenario. */
async function scene(
  scenario: Parameters<typeof KillService.start>[0] = {},
  text = TEXT,
): Promise<Scene> {
  const service = await KillService.start(scenario, () => undefined);
  const directory = await temporaryDirectory();
  const path = join(directory, "long.wav");
  await writeFile(path, wavBytes(speakTones(text).samples));
  const options = {
    service: serverService(service.url, "fw_key"),
    ledger: join(directory, "ledger"),
    polling: { firstMs: 5, minMs: 2, maxMs: 20, unknownGraceMs: 60_000 },
    retry: { attempts: 30, baseMs: 1, capMs: 2 },
    maxUploadBytes: 385_536,
    overlapSeconds: 1,
  };
  return { path, options, service };
}

async function outcome<Value extends Job | FileResult>(run: FileRun<Value>): Promise<unknown> {
  for await (const one of run) {
    if (!one.ok) return (one.error as Error).name;
    return "text" in one.result ? one.result.text : one.result.status;
  }
  return undefined;
}

/** Names of what the server accepted, in their order: `long.1.wav`. */
async function accepted({ service }: Scene): Promise<string[]> {
  return (await service.accepted()).map((one) => one.file);
}

/** The batch ids of the parts. */
async function partIds({ options }: Scene): Promise<(string | undefined)[]> {
  const ledger = await openLedger(options.ledger);
  onTestFinished(() => ledger.close());
  return (await ledger.list()).flatMap(({ facts, ids }) =>
    facts.partOf === undefined ? [] : [ids?.batchId],
  );
}

test("a file above the limit is one job for the user and one for each part at the service", async () => {
  const all = await scene();
  const { path, options } = all;
  const submitted = await outcome(submitFiles([path], options));
  const before = await listJobs(options.ledger);
  await rm(path);
  const waited = await outcome(waitForJobs([before[0]!.id], options));
  const after = await listJobs(options.ledger);
  const parts = await partIds(all);
  const found = await findJob(options.ledger, parts[1]!);
  const result = await jobResult(options.ledger, before[0]!.id);
  expect({
    submitted,
    before: before.map((job) => [job.status, job.parts?.length === parts.length, job.partsDone]),
    waited,
    after: after.map((job) => [job.status, job.partsDone === parts.length]),
    found: found.id === before[0]!.id,
    warnings: result.warnings.map((warning) => warning.code),
    text: result.text,
    accepted: await accepted(all),
  }).toEqual({
    submitted: "submitted",
    before: [["submitted", true, 0]],
    waited: TEXT,
    after: [["done", true]],
    found: true,
    warnings: ["sent-in-parts"],
    text: TEXT,
    accepted: parts.map((_, at) => `long.${at + 1}.wav`),
  });
});

test("B15: of parts whose answer was lost one is asked about, and only that one is sent again", async () => {
  const all = await scene({ B15: { first: 1, variant: "lost" } });
  const { path, options } = all;
  const asked = await outcome(transcribeFiles([path], { ...options, mode: "batch" }));
  const [job] = await listJobs(options.ledger);
  const early = await jobResult(options.ledger, path).catch((error: unknown) => error);
  const again = await outcome(
    transcribeFiles([path], { ...options, mode: "batch", onAmbiguous: "resubmit" }),
  );
  const sent = await accepted(all);
  expect([asked, job!.status, early, again, sent.slice(0, 3), new Set(sent).size]).toMatchObject([
    "UnansweredError",
    "unanswered",
    { code: "usage", message: expect.stringContaining("may have been accepted") },
    TEXT,
    ["long.1.wav", "long.1.wav", "long.2.wav"],
    sent.length - 1,
  ]);
});

test("skip leaves a part, and with it the file", async () => {
  const all = await scene({ B15: { first: 1, variant: "lost" } });
  const { path, options } = all;
  const run = transcribeFiles([path], { ...options, mode: "batch", onAmbiguous: "skip" });
  expect([await outcome(run), (await findJob(options.ledger, path)).status]).toEqual([
    "UnansweredError",
    "skipped",
  ]);
});

test("a cancelled one is gone on with when its file is run again, and nothing is sent twice", async () => {
  const all = await scene();
  const { path, options } = all;
  await outcome(submitFiles([path], options));
  const sent = await accepted(all);
  const cancelled = await cancelJob(options.ledger, path);
  const heard = await outcome(transcribeFiles([path], { ...options, mode: "batch" }));
  expect([cancelled.status, heard, await accepted(all)]).toEqual(["cancelled", TEXT, sent]);
});

test("B9: a part that the service gave up is submitted once more, the others are not", async () => {
  const all = await scene({ B9: { first: 1 } });
  const { path, options } = all;
  const heard = await outcome(transcribeFiles([path], { ...options, mode: "batch" }));
  const sent = await accepted(all);
  expect([heard, sent.length - new Set(sent).size]).toEqual([TEXT, 1]);
});

test("what was cut stays cut there, whatever the options say by then, and is not asked for in another way", async () => {
  const all = await scene();
  const { path, options } = all;
  const submitted = await outcome(submitFiles([path], options));
  const sent = await accepted(all);
  const other = { ...options, maxUploadBytes: 500_000, overlapSeconds: 0.5 };
  const heard = await outcome(transcribeFiles([path], { ...other, mode: "sync" }));
  expect([submitted, heard, await accepted(all)]).toEqual(["submitted", TEXT, sent]);
});

test("as long as nothing can have been accepted the file is cut as the options say", async () => {
  const all = await scene({ A19: { first: 1, status: 400 } });
  const { path, options } = all;
  const refused = await outcome(submitFiles([path], options));
  const [failed] = await listJobs(options.ledger);
  const whole = { ...options, maxUploadBytes: 1_000_000_000 };
  const heard = await outcome(transcribeFiles([path], { ...whole, mode: "batch" }));
  expect([refused, failed!.status, heard, await accepted(all)]).toEqual([
    "EverywordError",
    "failed",
    TEXT,
    ["long.wav"],
  ]);
});

test("an answer without times cannot be put together, which is said before anything is sent", async () => {
  const all = await scene();
  const options = { ...all.options, responseFormat: "text", words: false } as const;
  const result = await outcome(transcribeFiles([all.path], { ...options, mode: "batch" }));
  expect([result, await accepted(all)]).toEqual(["EverywordError", []]);
});
