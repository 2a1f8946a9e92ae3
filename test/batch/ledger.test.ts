import { spawn } from "node:child_process";
import { appendFile, chmod, readFile, stat, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import type { JobFacts } from "../../src/batch/core/job.ts";
import { openLedger } from "../../src/batch/ledger.ts";
import { isAlive, processIdentity } from "../../src/process-identity.ts";
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

test("what was written is there after opening again, for its owner only", async () => {
  const directory = await temporaryDirectory();
  const ledger = await openLedger(directory, () => 5);
  const claim = (await ledger.claim("j"))!;
  await ledger.step(claim, "prepared", { facts: FACTS });
  await ledger.step(claim, "submitting");
  await ledger.step(claim, "committing");
  await ledger.step(claim, "submitted", { ids: IDS });
  await ledger.close();
  await chmod(join(directory, "ledger.jsonl"), 0o644);
  const again = await openLedger(directory);
  const [job] = await again.list();
  const modes = await Promise.all(
    ["ledger.jsonl", "results"].map(
      async (name) => (await stat(join(directory, name))).mode & 0o777,
    ),
  );
  await again.close();
  expect([job, modes]).toMatchObject([
    { id: "j", status: "submitted", ids: IDS, submittedMs: 5, facts: FACTS },
    [0o600, 0o700],
  ]);
});

test("one job, one worker: a claim is refused while it is held and granted when it is released", async () => {
  const directory = await temporaryDirectory();
  const one = await openLedger(directory);
  const two = await openLedger(directory);
  const held = (await one.claim("j"))!;
  const refused = [await two.claim("j"), await one.claim("j")];
  await one.release(held);
  const granted = await two.claim("j");
  await Promise.all([one.close(), two.close()]);
  expect([refused, granted?.job]).toEqual([[undefined, undefined], "j"]);
});

test("of many calls at once exactly one gets the claim", async () => {
  const directory = await temporaryDirectory();
  const ledgers = await Promise.all(Array.from({ length: 8 }, () => openLedger(directory)));
  const rounds = [];
  for (let round = 0; round < 10; round += 1) {
    const claims = await Promise.all(ledgers.map((ledger) => ledger.claim(`j${round}`)));
    rounds.push(claims.filter((claim) => claim !== undefined).length);
  }
  await Promise.all(ledgers.map((ledger) => ledger.close()));
  expect(rounds).toEqual(Array.from({ length: 10 }, () => 1));
});

test("a step that may not follow is refused, and so is a step without the claim", async () => {
  const ledger = await openLedger(await temporaryDirectory());
  const claim = (await ledger.claim("j"))!;
  await ledger.step(claim, "prepared", { facts: FACTS });
  const jump = await ledger.step(claim, "done").catch((error: unknown) => error);
  await ledger.release(claim);
  const late = await ledger.step(claim, "submitting").catch((error: unknown) => error);
  await ledger.close();
  expect([jump, late]).toMatchObject([{ code: "usage" }, { code: "usage" }]);
});

test("a torn last line spoils neither the lines before nor the next one", async () => {
  const directory = await temporaryDirectory();
  const first = await openLedger(directory);
  const claim = (await first.claim("j"))!;
  await first.step(claim, "prepared", { facts: FACTS });
  await first.close();
  await appendFile(join(directory, "ledger.jsonl"), '{"v":1,"at":1,"job":"j","cla');
  const second = await openLedger(directory);
  const next = (await second.claim("j"))!;
  await second.step(next, "submitting");
  await second.close();
  const third = await openLedger(directory);
  const [job] = await third.list();
  await third.close();
  expect(job?.status).toBe("submitting");
});

test("records longer than a read are read whole", async () => {
  const directory = await temporaryDirectory();
  const ledger = await openLedger(directory);
  const claim = (await ledger.claim("j"))!;
  const path = `${"long/".repeat(500_000)}a.wav`;
  await ledger.step(claim, "prepared", { facts: { ...FACTS, path } });
  await ledger.close();
  const again = await openLedger(directory);
  const [job] = await again.list();
  await again.close();
  expect(job?.facts.path.length).toBe(path.length);
});

test("a stored result comes back whole; a damaged one is said to be", async () => {
  const directory = await temporaryDirectory();
  const ledger = await openLedger(directory);
  const stored = { format: 1 as const, facts: FACTS, form: [], completedMs: 1, body: "{}" };
  await ledger.storeResult("j", stored);
  const read = await ledger.readResult("j");
  const path = join(directory, "results", "j.json");
  const mode = (await stat(path)).mode & 0o777;
  await writeFile(path, (await readFile(path)).subarray(0, 20));
  const error = await ledger.readResult("j").catch((caught: unknown) => caught);
  await ledger.close();
  expect([read, mode, error]).toMatchObject([stored, 0o600, { code: "input-unreadable" }]);
});

test("a directory that cannot be made is said to be", async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, "file"), "");
  const inside = join(directory, "file", "jobs");
  const error = await openLedger(inside).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "input-unreadable" });
});

test("a process is alive until it ends, and another one with its number is not it", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(child, "spawn");
  const mine = processIdentity();
  const parts = mine.split("|");
  parts[2] = String(child.pid);
  const reused = parts.join("|");
  parts[3] = (await readFile(`/proc/${child.pid}/stat`, "utf8")).split(") ")[1]!.split(" ")[19]!;
  const childIdentity = parts.join("|");
  const before = [isAlive(mine), isAlive(reused), isAlive(childIdentity)];
  child.kill("SIGKILL");
  await once(child, "exit");
  expect([before, isAlive(childIdentity), isAlive("nonsense")]).toEqual([
    [true, false, true],
    false,
    false,
  ]);
});

test("several processes hammer one ledger: every job is worked on once at a time, none is lost", async () => {
  const directory = await temporaryDirectory();
  const worker = join(directory, "worker.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "ledger-worker.ts")],
    outfile: worker,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "silent",
  });
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, [worker, directory, "60"], { stdio: ["ignore", "pipe", "inherit"] }),
  );
  const outputs = await Promise.all(
    children.map(async (child) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      await once(child, "close");
      return text.split("\n").filter((line) => line !== "");
    }),
  );
  const ledger = await openLedger(directory);
  const jobs = await ledger.list();
  await ledger.close();
  expect([
    jobs.filter((job) => job.status === "done").length,
    outputs.flat().toSorted(),
    outputs.filter((lines) => lines.length > 0).length > 1,
  ]).toEqual([60, Array.from({ length: 60 }, (_, job) => `job-${job}`).toSorted(), true]);
});
