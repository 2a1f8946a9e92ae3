import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, readdir, rmdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import type { JobFacts } from "../../src/batch/core/job.ts";
import { type Ledger, openLedger } from "../../src/batch/ledger.ts";
import { seeded } from "./random.ts";
import { temporaryDirectory } from "./script-server.ts";

const FACTS: JobFacts = {
  path: "a.wav",
  bytes: 1,
  sha256: "00",
  task: "transcribe",
  mode: "batch",
  host: "h",
};
const IDS = { batchId: "b", accountId: "a", endpointId: "e" };
const SMALL = 4096;
const SEAL = '{"v":1,"type":"seal","at":0,"job":"","claim":""}\n';

/** Claims, tries, fails and releases a job: some hundred bytes of history, and one state. */
async function fail(ledger: Ledger, id: string): Promise<void> {
  const claim = (await ledger.claim(id))!;
  await ledger.step(claim, "prepared", { facts: FACTS }).catch(() => undefined);
  await ledger.step(claim, "submitting");
  await ledger.step(claim, "failed", { message: "no" });
  await ledger.release(claim);
}

async function bytesIn(directory: string): Promise<number> {
  const names = (await readdir(directory)).filter((name) => name.startsWith("ledger"));
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(directory, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function bundled(): Promise<string> {
  const worker = join(await temporaryDirectory(), "worker.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "ledger-worker.ts")],
    outfile: worker,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "silent",
  });
  return worker;
}

test("history is dropped: a job that is tried for ever takes no more room than its state", async () => {
  const directory = await temporaryDirectory();
  const ledger = await openLedger(directory, () => 1, SMALL);
  let most = 0;
  for (let round = 0; round < 60; round += 1) {
    await fail(ledger, "j");
    most = Math.max(most, await bytesIn(directory));
  }
  await ledger.close();
  const names = (await readdir(directory)).filter((name) => name.startsWith("ledger"));
  expect([most < SMALL * 2, names.length, names[0] === "ledger.jsonl"]).toEqual([true, 1, false]);
});

test("what is known of every job, claims that are held included, is the same before and after", async () => {
  const directory = await temporaryDirectory();
  const one = await openLedger(directory, () => 7, SMALL);
  const held = (await one.claim("held"))!;
  await one.step(held, "prepared", { facts: FACTS });
  await one.step(held, "submitting");
  await one.step(held, "committing");
  await one.step(held, "submitted", { ids: IDS });
  const two = await openLedger(directory, () => 7);
  const before = await two.list();
  for (let round = 0; round < 40; round += 1) await fail(one, "other");
  const refused = await two.claim("held");
  const done = await one.step(held, "done");
  const after = await two.list();
  await Promise.all([one.close(), two.close()]);
  expect([before, refused, done.status, after]).toMatchObject([
    [{ id: "held", status: "submitted", ids: IDS, submittedMs: 7, facts: FACTS }],
    undefined,
    "done",
    [
      { id: "held", status: "done", ids: IDS, submittedMs: 7 },
      { id: "other", status: "failed" },
    ],
  ]);
});

test("a process that was killed behind the seal leaves a ledger that the next one goes on with", async () => {
  const directory = await temporaryDirectory();
  const before = await openLedger(directory);
  await fail(before, "j");
  await appendFile(join(directory, "ledger.jsonl"), SEAL);
  // Written by somebody who had not seen the seal, and killed before it did: it counts for nobody.
  await appendFile(
    join(directory, "ledger.jsonl"),
    '{"v":1,"type":"claim","at":1,"job":"k","claim":"x","owner":"x"}\n',
  );
  await writeFile(join(directory, "ledger-00000000-0000-0000-0000-000000000000.tmp"), "half");
  const next = await openLedger(directory);
  const jobs = await next.list();
  await fail(before, "k");
  const seen = await next.list();
  await Promise.all([before.close(), next.close()]);
  expect([jobs, seen, await readdir(directory)]).toMatchObject([
    [{ id: "j", status: "failed" }],
    [{ id: "j" }, { id: "k", status: "failed" }],
    ["ledger-1.jsonl", "results"],
  ]);
});

test("a record that was written behind the seal is written again where it counts", async () => {
  const directory = await temporaryDirectory();
  const ledger = await openLedger(directory);
  const claim = (await ledger.claim("j"))!;
  await appendFile(join(directory, "ledger.jsonl"), SEAL);
  const job = await ledger.step(claim, "prepared", { facts: FACTS });
  await ledger.close();
  const again = await openLedger(directory);
  const [found] = await again.list();
  await again.close();
  expect([job.status, found?.status]).toEqual(["prepared", "prepared"]);
});

test(
  "several processes hammer a ledger that is rewritten all the time: none loses or repeats a job",
  { timeout: 240_000 },
  async () => {
    const directory = await temporaryDirectory();
    const worker = await bundled();
    const outputs = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const child = spawn(process.execPath, [worker, directory, "60", "2000"], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        let text = "";
        child.stdout.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        await once(child, "close");
        return text.split("\n").filter((line) => line !== "");
      }),
    );
    const names = (await readdir(directory)).filter((name) => name.startsWith("ledger"));
    expect([
      outputs.flat().toSorted(),
      names.length,
      Number(/\d+/u.exec(names[0] ?? "")?.[0]) > 1,
    ]).toEqual([Array.from({ length: 60 }, (_, job) => `job-${job}`).toSorted(), 1, true]);
  },
);

test(
  "processes that are killed at any moment while it is rewritten lose nothing that was written down",
  { timeout: 240_000 },
  async () => {
    const seed = 11;
    const random = seeded(seed);
    const directory = await temporaryDirectory();
    const worker = await bundled();
    const printed: string[] = [];
    let kills = 0;
    const work = async (): Promise<void> => {
      const child: ChildProcess = spawn(process.execPath, [worker, directory, "60", "1500"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let linesLeft = kills < 12 ? 1 + Math.floor(random() * 6) : Number.POSITIVE_INFINITY;
      child.stdout?.on("data", (chunk: Buffer) => {
        const lines = chunk.toString().split("\n").slice(0, -1);
        printed.push(...lines);
        linesLeft -= lines.length;
        if (linesLeft <= 0 && child.kill("SIGKILL")) kills += 1;
      });
      const [code] = (await once(child, "close")) as [number | null];
      if (code !== 0) await work();
    };
    await Promise.all([work(), work()]);
    const ledger = await openLedger(directory);
    const jobs = await ledger.list();
    await ledger.close();
    // A job is printed once it is done, so one that was printed twice was done twice.
    expect(
      [
        jobs.filter((job) => job.status === "done").length,
        new Set(printed).size === printed.length,
        kills >= 10,
      ],
      `seed ${seed}`,
    ).toEqual([60, true, true]);
  },
);

test("a disk without room says so, and nothing that was written is lost", async () => {
  const directory = await temporaryDirectory();
  const ledger = await openLedger(directory);
  await fail(ledger, "j");
  await appendFile(join(directory, "ledger.jsonl"), SEAL);
  // A folder in the place of the next file stands for whatever keeps it from being made.
  await mkdir(join(directory, "ledger-1.jsonl"));
  const error = await ledger.list().catch((caught: unknown) => caught);
  await rmdir(join(directory, "ledger-1.jsonl"));
  const jobs = await ledger.list();
  await ledger.close();
  expect([error, jobs]).toMatchObject([
    { code: "input-unreadable", message: expect.stringContaining("Cannot rewrite the job ledger") },
    [{ id: "j", status: "failed" }],
  ]);
});
