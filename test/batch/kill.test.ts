import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { BatchRoutes, rightText } from "./batch-server.ts";
import { seeded } from "./random.ts";
import { patternBytes, serveScript, temporaryDirectory } from "./script-server.ts";

/** `EVERYWORD_KILLS=200 npx vitest run test/batch/kill.test.ts` */
const KILLS = Number(process.env["EVERYWORD_KILLS"] ?? 16);
const SEED = Number(process.env["EVERYWORD_SEED"] ?? 1);
const FILES = 50;
const FAULTS = {
  midUpload: 0.14,
  truncated: 0.03,
  refused: 0.2,
  failed: 0.03,
  unknownFirst: 0.3,
  pollError: 0.1,
  answerLost: 0.02,
};

interface Line {
  readonly path: string;
  readonly text?: string;
  readonly error?: string;
}

/** One 50-file run on one ledger, killed until `kills` are used up or it gets through. */
class KilledRun {
  kills = 0;
  readonly routes: BatchRoutes;
  readonly #random: () => number;
  #child: ChildProcess | undefined;
  #eventsLeft = Number.POSITIVE_INFINITY;
  #worker = "";
  #url = "";
  #directory = "";
  #paths: string[] = [];

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.routes = new BatchRoutes(FAULTS, this.#random);
  }

  async begin(worker: string): Promise<void> {
    this.#worker = worker;
    this.#directory = await temporaryDirectory();
    this.#paths = Array.from({ length: FILES }, (_, file) => join(this.#directory, `${file}.wav`));
    await Promise.all(
      this.#paths.map((path, file) => writeFile(path, patternBytes(100_000 + file, file + 1))),
    );
    const server = await serveScript(
      [
        (arrived, response) => {
          this.#event();
          this.routes.answer(arrived, response);
          this.#event();
          response.on("finish", () => this.#event());
        },
      ],
      (request) => {
        this.#event();
        if (request.method !== "POST") return false;
        request.once("data", () => this.#event());
        if (!this.routes.cutsUpload()) return false;
        request.socket.resetAndDestroy();
        return true;
      },
    );
    this.#url = server.url;
  }

  /** One process, killed after a seeded number of events on the server. */
  async runKilled(): Promise<Line[]> {
    this.#eventsLeft = 1 + Math.floor(this.#random() * 120);
    return this.run("ask");
  }

  async run(onAmbiguous: "ask" | "resubmit"): Promise<Line[]> {
    const args = [this.#worker, this.#url, join(this.#directory, "ledger"), onAmbiguous];
    const child = spawn(process.execPath, [...args, ...this.#paths], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(child, "close");
    this.#eventsLeft = Number.POSITIVE_INFINITY;
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    return whole.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Line]));
  }

  /** Uploads that were accepted while an earlier one of the same content was accepted and did not fail. */
  acceptedTwice(): string[] {
    const seen = new Set<string>();
    return this.routes.accepted.flatMap(({ content, state }) => {
      const again = seen.has(content);
      if (state !== "failed") seen.add(content);
      return again ? [content] : [];
    });
  }

  async right(lines: readonly Line[]): Promise<boolean> {
    const good = await Promise.all(
      lines.map(async (line) => line.text === rightText(await readFile(line.path))),
    );
    return good.every(Boolean) && new Set(lines.map((line) => line.path)).size === lines.length;
  }

  #event(): void {
    this.#eventsLeft -= 1;
    if (this.#eventsLeft !== 0) return;
    this.#eventsLeft = Number.POSITIVE_INFINITY;
    if (this.#child?.kill("SIGKILL") === true) this.kills += 1;
  }
}

test(
  `kill -9 at ${KILLS} moments: every file ends with one right transcript, and nothing is accepted twice unless the user was asked`,
  { timeout: 30_000 + KILLS * 3000 },
  async () => {
    const worker = join(await temporaryDirectory(), "worker.mjs");
    await build({
      entryPoints: [join(import.meta.dirname, "kill-worker.ts")],
      outfile: worker,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "silent",
    });
    let kills = 0;
    let asked = 0;
    const bad: unknown[] = [];
    for (let chain = 0; kills < KILLS; chain += 1) {
      const seed = SEED * 1000 + chain;
      const run = new KilledRun(seed);
      await run.begin(worker);
      // Killed again and again until a process gets through, whatever the faults leave to ask.
      const wanted = KILLS - kills;
      let lines: Line[] = [];
      while (lines.length < FILES) {
        lines = run.kills < wanted ? await run.runKilled() : await run.run("ask");
      }
      kills += run.kills;
      const twice = run.acceptedTwice();
      // Only an answer that was lost, or one that each of four uploads awaited at a kill, is asked about.
      const mayAsk = run.routes.accepted.filter((job) => job.lost).length + 4 * run.kills;
      asked += lines.filter((line) => line.error === "UnansweredError").length;
      const tooMany = lines.filter((line) => line.error === "UnansweredError").length > mayAsk;
      // The user says: send again what may have been accepted.
      lines = await run.run("resubmit");
      for (let more = 0; more < 5 && lines.some((line) => line.error !== undefined); more += 1) {
        lines = await run.run("resubmit");
      }
      const accepted = run.routes.accepted.length;
      const again = await run.run("ask");
      const sound =
        twice.length === 0 &&
        !tooMany &&
        (await run.right(lines)) &&
        (await run.right(again)) &&
        again.length === FILES &&
        run.routes.accepted.length === accepted;
      if (!sound)
        bad.push({ seed, twice, lines: lines.filter((line) => line.error !== undefined) });
    }
    console.log(`${kills} kills, ${asked} files asked about`);
    expect([bad, kills], `seed ${SEED}`).toEqual([[], KILLS]);
  },
);
