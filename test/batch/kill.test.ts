import { expect, test } from "vitest";
import { bundledWorker, runChain } from "./kill-chain.ts";
import { KilledRun } from "./killed-run.ts";

/** `EVERYWORD_KILLS=200 npx vitest run test/batch/kill.test.ts` */
const KILLS = Number(process.env["EVERYWORD_KILLS"] ?? 12);
const SEED = Number(process.env["EVERYWORD_SEED"] ?? 1);
const FILES = 50;

const counts = { kills: 0, asked: 0, accepted: 0 };

test(
  `A14, A16, A19, B9, B11, B12, B15 and kill -9 at ${KILLS} moments: every file ends with one right transcript, and nothing is accepted twice unless the user was asked`,
  { timeout: 60_000 + KILLS * 12_000 },
  async () => {
    const worker = await bundledWorker();
    const bad: unknown[] = [];
    for (let chain = 0; counts.kills < KILLS; chain += 1) {
      const seed = SEED * 1000 + chain;
      const run = new KilledRun(worker, { files: FILES }, seed);
      await run.begin();
      // Half of what is left: both variants of each fault get their share.
      const left = KILLS - counts.kills;
      const { bad: found, asked } = await runChain(run, chain === 0 ? Math.ceil(left / 2) : left);
      counts.kills += run.kills;
      counts.asked += asked;
      counts.accepted += (await run.service.accepted()).length;
      if (Object.keys(found).length > 0) bad.push({ seed, ...found });
    }
    console.log(
      `${counts.kills} kills, ${counts.asked} files asked about, ${counts.accepted} uploads accepted`,
    );
    expect([bad, counts.kills], `seed ${SEED}`).toEqual([[], KILLS]);
  },
);
