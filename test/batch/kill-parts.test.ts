import { expect, test } from "vitest";
import { bundledWorker, runChain } from "./kill-chain.ts";
import { KilledRun } from "./killed-run.ts";

/** `EVERYWORD_KILLS=100 npx vitest run test/batch/kill-parts.test.ts` */
const KILLS = Number(process.env["EVERYWORD_KILLS"] ?? 6);
const SEED = Number(process.env["EVERYWORD_SEED"] ?? 1);
/** The least that is taken with an overlap of a second: 10 s a part, at least three parts for each file. */
const SETUP = { files: 3, words: 70, maxUploadBytes: 385_536 };

test(
  `the same for files that go up in at least three parts each: kill -9 at ${KILLS} moments, and no part is accepted twice unasked`,
  { timeout: 60_000 + KILLS * 12_000 },
  async () => {
    const worker = await bundledWorker();
    const bad: unknown[] = [];
    let kills = 0;
    let parts = Number.POSITIVE_INFINITY;
    for (let chain = 0; kills < KILLS; chain += 1) {
      const seed = SEED * 1000 + chain;
      const run = new KilledRun(worker, SETUP, seed);
      await run.begin();
      const left = KILLS - kills;
      const found = await runChain(run, chain === 0 ? Math.ceil(left / 2) : left);
      kills += run.kills;
      parts = Math.min(parts, new Set((await run.service.accepted()).map((one) => one.file)).size);
      if (Object.keys(found.bad).length > 0) bad.push({ seed, ...found.bad });
    }
    expect([bad, kills, parts >= SETUP.files * 3], `seed ${SEED}`).toEqual([[], KILLS, true]);
  },
);
