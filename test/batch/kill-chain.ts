/** Runs of one ledger that are killed until one gets through, and what they must have kept. */
import { join } from "node:path";
import { build } from "esbuild";
import type { KilledRun, Line } from "./killed-run.ts";
import { temporaryDirectory } from "./script-server.ts";

const UPLOADS_AT_ONCE = 4;

export interface Chain {
  /** What is wrong; empty when the promises were kept. */
  readonly bad: Record<string, unknown>;
  /** Files that were asked about. */
  readonly asked: number;
}

export async function bundledWorker(): Promise<string> {
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

export async function runChain(run: KilledRun, wantedKills: number): Promise<Chain> {
  let lines: Line[] = [];
  while (lines.length < run.files) {
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
  return { bad, asked: unanswered };
}
