// Seeded sessions in virtual time: node scripts/sim.mjs --seeds 2000 [--from 1] [--jobs 1] [--harsh] [--mutate NAME]
//
// --harsh adds what test/sim/hardships.ts has to each seed's session.
// --hours 24 runs one long session with a drop a minute instead.
// A mutation breaks the client on purpose, in the bundle only; the simulation must then fail.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { execFile } from "node:child_process";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Name -> file, text as it stands there, text instead. */
export const MUTATIONS = {
  "deadline-kept-back": [
    "sender.ts",
    "if (this.#readyAtMs(now, link) > now) return false;",
    "if (this.#readyAtMs(now, link) > now) return true;",
  ],
  "dedupe-removed": [
    "hearing.ts",
    "const count = countRepeats(this.#seam.tail, head, this.#seam.saidFrame);",
    "const count = 0 * countRepeats(this.#seam.tail, head, this.#seam.saidFrame);",
  ],
  "origin-off-by-one-chunk": [
    "origin.ts",
    "cut.frame + wireFrame - cut.wireFrame",
    "cut.frame + (cut.frame > 0 ? 800 : 0) + wireFrame - cut.wireFrame",
  ],
  "eviction-made-blocking": [
    "sender.ts",
    "const unsent = this.#buffer.endFrame - link.origin.sentFrame;",
    "const unsent = this.#buffer.heldFrames >= this.#buffer.capacityFrames - 1600 ? 0 : this.#buffer.endFrame - link.origin.sentFrame;",
  ],
  "traces-trusted": [
    "loudness.ts",
    "if (first === undefined || first.end <= fromFrame) return Infinity;",
    "if (first === undefined || fromFrame >= 0) return Infinity;",
  ],
  "journal-forgotten": [
    "resumption.ts",
    "for (const { text, start, end } of entry.words) {",
    "for (const { text, start, end } of entry.words.slice(0, 0)) {",
  ],
  "echo-wait-removed": [
    "course.ts",
    "if (!this.isRoomWanted || !this.hasRoom()) return this.#isCalm;",
    'if (this.link?.endSentAtMs !== undefined) { this.settle("complete"); return false; }',
  ],
};

async function bundle(mutation) {
  const plugin = {
    name: "mutate",
    setup(builder) {
      const [file, from, to] = MUTATIONS[mutation];
      builder.onLoad(
        { filter: new RegExp(`stream/core/${file.replace(".", "\\.")}$`) },
        async (args) => {
          const text = await readFile(args.path, "utf8");
          if (text.split(from).length !== 2) throw new Error(`${file} no longer holds: ${from}`);
          return { contents: text.replace(from, to), loader: "ts" };
        },
      );
    },
  };
  const { outputFiles } = await build({
    entryPoints: [join(root, "test/sim/main.ts")],
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
    logLevel: "error",
    plugins: mutation === undefined ? [] : [plugin],
  });
  return outputFiles[0].text;
}

async function load(mutation) {
  const code = Buffer.from(await bundle(mutation)).toString("base64");
  return import(`data:text/javascript;base64,${code}`);
}

/** The summary of the seeds, in this process. */
export async function runSeeds(from, seeds, mutation, isHarsh = false) {
  const { simulate } = await load(mutation);
  return simulate(from, seeds, 20, isHarsh);
}

/** One long session with a drop a minute. */
async function runHours(hours) {
  const { simulateLong } = await load(undefined);
  const started = process.memoryUsage().heapUsed;
  const { problems, ...sums } = simulateLong(Math.round(hours * 60));
  for (const problem of problems.slice(0, 10)) console.log(problem);
  const heapMb = Math.round((process.memoryUsage().heapUsed - started) / 1e6);
  console.log(JSON.stringify({ hours, ...sums, heapMb }));
  process.exitCode = problems.length > 0 ? 1 : 0;
}

/** The same in `jobs` processes. */
async function runJobs(from, seeds, mutation, isHarsh, jobs) {
  const share = Math.ceil(seeds / jobs);
  const parts = await Promise.all(
    Array.from({ length: jobs }, (_, job) => {
      const count = Math.max(0, Math.min(share, seeds - job * share));
      const args = [`--seeds=${count}`, `--from=${from + job * share}`, "--json"];
      if (isHarsh) args.push("--harsh");
      if (mutation !== undefined) args.push(`--mutate=${mutation}`);
      return execJson(args);
    }),
  );
  return parts.reduce(merge);
}

async function execJson(args) {
  const script = fileURLToPath(import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], {
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout);
}

function merge(a, b) {
  const sum = { ...a, failures: [...a.failures, ...b.failures], reasons: { ...a.reasons } };
  for (const key of ["sessions", "faults", "words", "gaps", "reconnects", "crashes"])
    sum[key] += b[key];
  for (const [reason, count] of Object.entries(b.reasons)) {
    sum.reasons[reason] = (sum.reasons[reason] ?? 0) + count;
  }
  return sum;
}

async function main() {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "2000" },
      from: { type: "string", default: "1" },
      mutate: { type: "string" },
      jobs: { type: "string", default: "1" },
      harsh: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      hours: { type: "string" },
    },
  });
  const [from, seeds, jobs] = [values.from, values.seeds, values.jobs].map(Number);
  if (values.hours !== undefined) return runHours(Number(values.hours));
  if (values.json) {
    console.log(JSON.stringify(await runSeeds(from, seeds, values.mutate, values.harsh)));
    return;
  }
  const started = performance.now();
  const { failures, ...sums } = await runJobs(from, seeds, values.mutate, values.harsh, jobs);
  for (const { seed, problems } of failures.slice(0, 10)) {
    console.log(`seed ${seed}: ${problems.slice(0, 4).join("; ")}`);
  }
  console.log(JSON.stringify(sums));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${failures.length} sessions failed; ${seconds} s on ${jobs} processes`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
