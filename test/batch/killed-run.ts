/** One run of many files on one ledger, killed at seeded moments until it gets through. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Scenario } from "../../src/server/faults/scenario.ts";
import { speakTones, wavBytes } from "../../src/server/tone-speech.ts";
import { KillService } from "./kill-service.ts";
import { seeded } from "./random.ts";
import { temporaryDirectory } from "./script-server.ts";

/** A file's outcome as the worker prints it. */
export interface Line {
  readonly path: string;
  readonly text?: string;
  readonly error?: string;
}

/** Every code with one of its variants; the next seed has the other ones. */
export function killScenario(seed: number): Scenario {
  const even = seed % 2 === 0;
  return {
    seed,
    A14: { probability: 0.14, bytes: 30_000 },
    A16: { probability: 0.04, variant: even ? "truncated" : "slow", delayMs: 0 },
    A19: { probability: 0.1, count: 1e9, status: 503 },
    B9: { probability: 0.04, variant: even ? "failed" : "error" },
    B11: { probability: 0.3 },
    B12: { probability: 0.1, status: 502 },
    B15: { probability: even ? 0.03 : 0.08, variant: even ? "lost" : "reset" },
  };
}

/** What is run. */
export interface KilledFiles {
  readonly files: number;
  /** Words of each file besides its name. Default none. */
  readonly words?: number;
  /** Larger ones go up in parts. */
  readonly maxUploadBytes?: number;
}

export class KilledRun {
  readonly files: number;
  kills = 0;
  readonly #random: () => number;
  readonly #seed: number;
  readonly #worker: string;
  readonly #setup: KilledFiles;
  readonly #texts = new Map<string, string>();
  #child: ChildProcess | undefined;
  #trafficLeft = Number.POSITIVE_INFINITY;
  #directory = "";
  #service: KillService | undefined;

  constructor(worker: string, setup: KilledFiles, seed: number) {
    this.#worker = worker;
    this.#setup = setup;
    this.files = setup.files;
    this.#seed = seed;
    this.#random = seeded(seed);
  }

  get service(): KillService {
    if (this.#service === undefined) throw new TypeError("begin() first");
    return this.#service;
  }

  async begin(): Promise<void> {
    this.#directory = await temporaryDirectory();
    this.#service = await KillService.start(killScenario(this.#seed), () => this.#traffic());
    for (let file = 0; file < this.files; file += 1) {
      const more = Array.from({ length: this.#setup.words ?? 0 }, (_, at) => ` word ${at}`);
      const text = `file ${file} of seed ${this.#seed}${more.join("")}`;
      const path = join(this.#directory, `${file}.wav`);
      // Large enough to be asked for before it is sent, and to be cut in the middle.
      const { samples } = speakTones(text, { tailSeconds: 2.5 });
      await writeFile(path, wavBytes(samples));
      this.#texts.set(path, text);
    }
  }

  /** One process, killed after a seeded amount of traffic unless it ends before. */
  runKilled(): Promise<Line[]> {
    const most = this.#setup.maxUploadBytes === undefined ? 3 : 60;
    this.#trafficLeft = 1 + Math.floor(this.#random() * most * this.files);
    return this.run("ask");
  }

  async run(onAmbiguous: "ask" | "resubmit"): Promise<Line[]> {
    const args = [this.#worker, this.service.url, join(this.#directory, "ledger"), onAmbiguous];
    const child = spawn(process.execPath, [...args, ...this.#texts.keys()], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, MAX_UPLOAD_BYTES: String(this.#setup.maxUploadBytes ?? 1e9) },
    });
    this.#child = child;
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(child, "close");
    this.#trafficLeft = Number.POSITIVE_INFINITY;
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    return whole.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Line]));
  }

  /** Every file exactly once, and what is said in it. */
  isRight(lines: readonly Line[]): boolean {
    const paths = new Set(lines.map((line) => line.path));
    return (
      lines.length === this.files &&
      paths.size === this.files &&
      lines.every((line) => line.text === this.#texts.get(line.path))
    );
  }

  /** Files that were accepted while an earlier submit of them was accepted and did not fail. */
  async acceptedTwice(): Promise<string[]> {
    const seen = new Set<string>();
    return (await this.service.accepted()).flatMap(({ file, fails }) => {
      const again = seen.has(file);
      if (!fails) seen.add(file);
      return again ? [file] : [];
    });
  }

  #traffic(): void {
    this.#trafficLeft -= 1;
    if (this.#trafficLeft !== 0) return;
    this.#trafficLeft = Number.POSITIVE_INFINITY;
    if (this.#child?.kill("SIGKILL") === true) this.kills += 1;
  }
}
