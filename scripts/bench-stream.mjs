// Many live streams in one process, against a bare `ws` loop that sends the same frames and parses
// the same replies:
//
//   node scripts/bench-stream.mjs [--streams 100,500,1000,2000] [--seconds 5] [--rounds 3]
//   node scripts/bench-stream.mjs --recovery [--streams 1000]   all of them are dropped at once, others not
//   node scripts/bench-stream.mjs --profile FILE.cpuprofile --variants "session; session, 100 ms" --streams 500
//
// Server and client are processes of their own. Variants take turns and medians are shown (of CPU that
// of all seconds), so that what else the machine does touches all of them. Each stream sends 50 ms of audio every 50 ms, from
// one timer for all, and gets five replies of about 1.5 KB a second. What is counted begins 5 s after
// the last connection. CPU is the client's, all threads, for 1000 stream-seconds; a frame's lateness
// runs from the moment it was due at the client to its arrival at the server.
import { fork } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve as resolvePath } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outDir = join(root, ".tmp", "bench-stream");
const module = join(outDir, "session.js");
const VARIANTS = {
  "bare ws loop": { variant: "bare" },
  session: {},
  "session, 100 ms": { options: { chunkMs: 100 } },
  "session, 2 threads": { workers: 2, from: 1000 },
};
/** Of the recovery: for every five that are dropped, one that is not. */
const BYSTANDER_SHARE = 0.2;

async function main() {
  const { values } = parseArgs({
    options: {
      streams: { type: "string" },
      variants: { type: "string" },
      seconds: { type: "string", default: "5" },
      rounds: { type: "string", default: "3" },
      recovery: { type: "boolean", default: false },
      profile: { type: "string" },
    },
  });
  await bundle();
  if (values.recovery) await recover(Number(values.streams ?? 1000));
  else await compare(values);
  await rm(outDir, { recursive: true, force: true });
}

/** What is published is not bundled with `ws` either: all variants share one, and its bufferutil. */
async function bundle() {
  await mkdir(outDir, { recursive: true });
  const entry = join(outDir, "session.ts");
  await writeFile(
    entry,
    ["session.ts", "session-pool.ts", "../service.ts"]
      .map((name) => `export * from ${JSON.stringify(join(root, "src", "stream", name))};\n`)
      .join(""),
  );
  await build({
    entryPoints: [entry, join(root, "src", "stream", "pool-worker.ts")],
    entryNames: "[name]",
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["ws"],
    outdir: outDir,
    logLevel: "error",
  });
}

async function compare(values) {
  const wanted = values.variants?.split(";").map((name) => name.trim());
  console.log(
    "| streams | client | CPU s | times bare | KB a stream | late p50, ms | late p99, ms | loop p99, ms | frames |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  for (const count of (values.streams ?? "100,500,1000,2000").split(",").map(Number)) {
    const results = new Map();
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const [name, { from = 0, ...plan }] of Object.entries(VARIANTS)) {
        if (count < from || wanted?.includes(name) === false) continue;
        const seconds = Number(values.seconds);
        const profile = values.profile === undefined ? undefined : resolvePath(values.profile);
        const result = await runOnce({ ...plan, count, bystanders: 0, seconds, profile });
        results.set(name, [...(results.get(name) ?? []), result]);
      }
    }
    for (const [name, runs] of results) console.log(row(count, name, runs, results));
  }
}

function row(count, name, runs, results) {
  const of = (read) => median(runs.map((run) => read(run)));
  const cpu = median(runs.flatMap((run) => run.cpu));
  const bare = results.get("bare ws loop")?.flatMap((run) => run.cpu);
  const ratio = bare === undefined ? "–" : (cpu / median(bare)).toFixed(2);
  const cells = [
    count,
    name,
    cpu.toFixed(3),
    ratio,
    // The heaps of other threads are not seen from the first one.
    VARIANTS[name].workers === undefined
      ? (of((run) => run.memory) / count / 1024).toFixed(0)
      : "–",
    of((run) => run.late[0].p50).toFixed(1),
    of((run) => run.late[0].p99).toFixed(1),
    of((run) => run.loopP99).toFixed(1),
    `${(of((run) => run.frames / (count * run.seconds * 20)) * 100).toFixed(0)} %`,
  ];
  const odd = runs.flatMap((run) => [...run.oddities, ...run.againAt.map(() => "reconnected")]);
  return `| ${cells.join(" | ")} |${odd.length === 0 ? "" : ` ${odd.length} odd: ${JSON.stringify(odd[0])}`}`;
}

/** All sessions of one port are cut off at once; what those of the other port notice of it. */
async function recover(dropped) {
  const bystanders = Math.ceil(dropped * BYSTANDER_SHARE);
  const run = await runOnce({ count: dropped, bystanders, seconds: 12 });
  const again = run.againAt.map((atMs) => atMs - run.droppedAtMs).toSorted((a, b) => a - b);
  const { caughtUp, caughtUpCount, late } = run;
  if (again.length !== dropped || caughtUpCount !== dropped) {
    throw new Error(`Of ${dropped} ${again.length} came back and ${caughtUpCount} caught up.`);
  }
  const at = (part) => again[Math.floor(again.length * part)];
  console.log(
    "| dropped | open again p50, ms | p99, ms | live again p50, ms | p99, ms | others late p50, ms | p99, ms | worst, ms |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
  const cells = [at(0.5), at(0.99), caughtUp.p50, caughtUp.p99].map((ms) => ms.toFixed(0));
  const others = [late[1].p50, late[1].p99, late[1].worst].map((ms) => ms.toFixed(1));
  console.log(`| ${[dropped, ...cells, ...others].join(" | ")} |`);
}

async function runOnce(plan) {
  const baseMs = Date.now();
  const server = fork(script("bench-stream-server.mjs"), [String(baseMs)]);
  const { ports } = await nextMessage(server);
  const args = JSON.stringify({ ...plan, ports, baseMs, module });
  const client = fork(script("bench-stream-client.mjs"), [args], { execArgv: ["--expose-gc"] });
  await nextMessage(client);
  server.send(plan.bystanders > 0 ? "drop" : "start");
  const result = await nextMessage(client);
  server.send("report");
  const heard = await nextMessage(server);
  client.kill();
  server.kill();
  return { ...result, ...heard, seconds: plan.seconds };
}

function script(name) {
  return join(root, "scripts", name);
}

function nextMessage(child) {
  return new Promise((resolve, reject) => {
    const onExit = (code) => reject(new Error(`a process of the benchmark ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

await main();
