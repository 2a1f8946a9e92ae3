import { readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cancelJob, findJob, jobResult, listJobs } from "../../src/batch/jobs.ts";
import {
  type LedgerOptions,
  submitFiles,
  transcribeFiles,
  waitForJobs,
} from "../../src/batch/transcribe-files.ts";
import { type RunningServer, startTestServer } from "../../src/server/testing.ts";
import { speakTones, wavBytes } from "../../src/server/tone-speech.ts";
import { serverService } from "../../src/service.ts";
import { temporaryDirectory } from "./script-server.ts";

const POLLING = { firstMs: 5, minMs: 2, maxMs: 20, unknownGraceMs: 0 };

interface Scene {
  readonly server: RunningServer;
  readonly path: string;
  readonly options: LedgerOptions;
}

/** One file that went through the server, and whose stored results are gone. */
async function lostScene(
  how: Partial<LedgerOptions> = {},
  words = "alpha",
  lose: (path: string) => Promise<void> = rm,
): Promise<Scene> {
  const server = await startTestServer();
  onTestFinished(() => server.close());
  const directory = await temporaryDirectory();
  const path = join(directory, "talk.wav");
  await writeFile(path, wavBytes(speakTones(words).samples));
  const service = serverService(server.url, "fw_key");
  const retry = { attempts: 2, baseMs: 1, capMs: 2 };
  const ledger = join(directory, "ledger");
  const options = { service, ledger, polling: POLLING, retry, mode: "batch", ...how } as const;
  await textOf(transcribeFiles([path], options));
  for (const name of await readdir(join(ledger, "results"))) {
    await lose(join(ledger, "results", name));
  }
  return { server, path, options };
}

async function textOf(run: ReturnType<typeof waitForJobs>): Promise<string> {
  for await (const one of run) return one.ok ? one.result.text : (one.error as Error).message;
  return "nothing";
}

/** What every job on the server comes to when it is restarted without its data. */
async function restarted({ server, options }: Scene): Promise<LedgerOptions> {
  const url = new URL(server.url);
  await server.close();
  const again = await startTestServer({ port: Number(url.port) });
  onTestFinished(() => again.close());
  return options;
}

test.each([
  ["missing", rm],
  ["damaged", (path: string) => truncate(path, 20)],
])("a result that is %s is said to be, with a command that works", async (_how, lose) => {
  const { path, options } = await lostScene({}, "alpha", lose);
  const job = await findJob(options.ledger, path);
  const error = await jobResult(options.ledger, path).catch((reason: unknown) => reason);
  const short = job.id.slice(0, 12);
  expect(error).toMatchObject({
    code: "input-unreadable",
    message: expect.stringContaining(
      `everyword batch wait ${short} fetches it again from 127.0.0.1`,
    ),
  });
});

test.each(["wait", "run"] as const)(
  "a lost result is fetched again with the ids of its job, and nothing is sent anew (%s)",
  async (how) => {
    const { path, options } = await lostScene();
    const before = await findJob(options.ledger, path);
    const run =
      how === "wait" ? waitForJobs([before.id], options) : transcribeFiles([path], options);
    const heard = await textOf(run);
    const after = await findJob(options.ledger, path);
    const stored = await jobResult(options.ledger, path);
    expect([heard, after.status, after.ids, after.submittedMs, stored.text]).toEqual([
      "alpha",
      "done",
      before.ids,
      before.submittedMs,
      "alpha",
    ]);
  },
);

test("a submit of a file whose result is lost makes its job one to wait for, with the same ids", async () => {
  const { path, options } = await lostScene();
  const before = await findJob(options.ledger, path);
  for await (const one of submitFiles([path], options)) if (!one.ok) throw one.error;
  const after = await findJob(options.ledger, path);
  const heard = await textOf(waitForJobs([after.id], options));
  expect([after.status, after.ids, heard]).toEqual(["submitted", before.ids, "alpha"]);
});

test("the parts of a lost result are fetched again and put together", async () => {
  const { path, options } = await lostScene(
    { preconvert: "always", maxUploadBytes: 65_536 + 32_000 * 40 },
    "one two three four five | ".repeat(30),
  );
  const before = await listJobs(options.ledger);
  const heard = await textOf(waitForJobs([before[0]!.id], options));
  const after = await findJob(options.ledger, path);
  expect([before[0]!.parts!.length > 1, after.parts, after.status]).toEqual([
    true,
    before[0]!.parts,
    "done",
  ]);
  expect(heard).toMatch(/^one two three four five( one two three four five)+$/u);
});

test("where the service does not have it any more the job has failed, and only a new run sends it", async () => {
  const scene = await lostScene();
  const options = await restarted(scene);
  const first = await textOf(transcribeFiles([scene.path], options));
  const failed = await findJob(options.ledger, scene.path);
  const second = await textOf(transcribeFiles([scene.path], options));
  const after = await findJob(options.ledger, scene.path);
  expect([first, failed.status, second, after.ids?.batchId === failed.ids?.batchId]).toEqual([
    expect.stringContaining("does not know the job"),
    "failed",
    "alpha",
    false,
  ]);
});

test("a job whose result is lost can be cancelled, and is taken up by the next run", async () => {
  const { path, options } = await lostScene();
  const cancelled = await cancelJob(options.ledger, path);
  const heard = await textOf(transcribeFiles([path], options));
  expect([cancelled.status, heard]).toEqual(["cancelled", "alpha"]);
});

test("another server is not asked for a lost result: it would say that there is none", async () => {
  const { path, options } = await lostScene();
  const other = await startTestServer();
  onTestFinished(() => other.close());
  const job = await findJob(options.ledger, path);
  const said = await textOf(
    waitForJobs([job.id], { ...options, service: serverService(other.url, "fw_key") }),
  );
  const after = await findJob(options.ledger, path);
  expect([said, after.status]).toEqual([
    expect.stringContaining(`it is ${job.facts.host} that has it`),
    "done",
  ]);
});

test("a lost result of one request is asked for anew", async () => {
  const { path, options } = await lostScene({ mode: "sync" });
  const error = await jobResult(options.ledger, path).catch((reason: unknown) => reason);
  const heard = await textOf(transcribeFiles([path], options));
  expect([(error as Error).message, heard]).toEqual([
    expect.stringMatching(/batch cancel \w{12} forgets it, then submit .*talk\.wav again\.$/u),
    "alpha",
  ]);
});
