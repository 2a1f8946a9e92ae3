import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { KilledRun, type Line } from "./killed-run.ts";
import { temporaryDirectory } from "./script-server.ts";

/** `EVERYWORD_KILLS=200 npx vitest run test/batch/kill.test.ts` */
const KILLS = Number(process.env["EVERYWORD_KILLS"] ?? 12);
const SEED = Number(process.env["EVERYWORD_SEED"] ?? 1);
const FILES = 50;
const UPLOADS_AT_ONCE = 4;

async function bundledWorker(): Promise<string> {
  const worker = join(await temporaryDirectory(), "worker.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "kill-worker.ts")],
    outfile: worker,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "silent",
    external: ["@npmcli/*", "pacote", "soundswallower"],
  });
  return worker;
}

function asked(lines: readonly Line[]): Line[] {
  return lines.filter((line) => line.error === "UnansweredError");
}

/** What is wrong with one run; empty when it kept its promises. */
async function runChain(run: KilledRun, wantedKills: number): Promise<Record<string, unknown>> {
  let lines: Line[] = [];
  while (lines.length < FILES) {
    lines = run.kills < wantedKills ? await run.runKilled() : await run.run("ask");
  }
  const twice = await run.acceptedTwice();
  const unanswered = asked(lines).length;
  // Only what was lost on the way, or what an upload awaited at a kill, may be asked about.
  const lost = (await run.service.accepted()).filter((job) => job.lost).length + run.service.resets;
  const tooMany = unanswered > lost + UPLOADS_AT_ONCE * run.kills;
  // The user says: send again what may have been accepted.
  for (let tries = 0; tries < 6 && lines.some((line) => line.error !== undefined); tries += 1) {
    lines = await run.run("resubmit");
  }
  const right = run.isRight(lines);
  const before = (await run.service.accepted()).length;
  const again = await run.run("ask");
  const sentAgain = (await run.service.accepted()).length - before;
  const bad = {
    ...(twice.length === 0 ? {} : { twice }),
    ...(tooMany ? { unanswered, lost } : {}),
    ...(right && run.isRight(again) ? {} : { wrong: lines.filter((line) => line.error) }),
    ...(sentAgain === 0 ? {} : { sentAgain }),
  };
  counts.asked += unanswered;
  return bad;
}

const counts = { kills: 0, asked: 0, accepted: 0 };

test(
  `A14, A16, A19, B9, B11, B12, B15 and kill -9 at ${KILLS} moments: every file ends with one right transcript, and nothing is accepted twice unless the user was asked`,
  { timeout: 60_000 + KILLS * 12_000 },
  async () => {
    const worker = await bundledWorker();
    const bad: unknown[] = [];
    for (let chain = 0; counts.kills < KILLS; chain += 1) {
      const seed = SEED * 1000 + chain;
      const run = new KilledRun(worker, FILES, seed);
      await run.begin();
      // Half of what is left: both variants of each fault get their share.
      const left = KILLS - counts.kills;
      const found = await runChain(run, chain === 0 ? Math.ceil(left / 2) : left);
      counts.kills += run.kills;
      counts.accepted += (await run.service.accepted()).length;
      if (Object.keys(found).length > 0) bad.push({ seed, ...found });
    }
    console.log(
      `${counts.kills} kills, ${counts.asked} files asked about, ${counts.accepted} uploads accepted`,
    );
    expect([bad, counts.kills], `seed ${SEED}`).toEqual([[], KILLS]);
  },
);
