// Many live streams in one process, against a bare `ws` loop that sends the same frames and parses
// the same replies: node scripts/bench-stream.mjs [--streams 100,500] [--seconds 10] [--rounds 3]
//
// Server and client are processes of their own; variants take turns, so that what else the machine
// does touches all of them. Each stream sends 50 ms of audio every 50 ms and gets five replies of
// about 1.5 KB a second. CPU is the client's, for 1000 stream-seconds.
import { fork } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outDir = join(root, ".tmp", "bench-stream");
const bundle = join(outDir, "session.mjs");

async function main() {
  const { values } = parseArgs({
    options: {
      streams: { type: "string", default: "100,500" },
      seconds: { type: "string", default: "10" },
      rounds: { type: "string", default: "3" },
    },
  });
  await mkdir(outDir, { recursive: true });
  await build({
    stdin: {
      contents: `export * from "./src/stream/session.ts"; export * from "./src/service.ts";`,
      resolveDir: root,
    },
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["ws"],
    outfile: bundle,
    logLevel: "error",
  });
  for (const streams of values.streams.split(",").map(Number)) {
    const results = new Map();
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const variant of ["bare", "session", "session-100ms"]) {
        const result = await runOnce(variant, streams, Number(values.seconds));
        results.set(variant, [...(results.get(variant) ?? []), result]);
      }
    }
    print(streams, results);
  }
  await rm(outDir, { recursive: true, force: true });
}

async function runOnce(variant, streams, seconds) {
  const worker = join(root, "scripts", "bench-stream-worker.mjs");
  const server = fork(worker, ["server"]);
  const port = await nextMessage(server);
  const client = fork(worker, [variant, String(port), String(streams), String(seconds), bundle], {
    execArgv: ["--expose-gc"],
  });
  await nextMessage(client);
  server.send("start");
  const result = await nextMessage(client);
  server.send("report");
  const { p50, p99, frames } = await nextMessage(server);
  client.kill();
  server.kill();
  return { ...result, lateP50: p50, lateP99: p99, framesShare: frames / (streams * seconds * 20) };
}

function nextMessage(child) {
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code) =>
      reject(new Error(`a process of the benchmark ended with ${code}`)),
    );
  });
}

function print(streams, results) {
  const bare = median(results.get("bare").map((one) => one.cpu));
  for (const [variant, runs] of results) {
    const of = (key) => median(runs.map((run) => run[key]));
    console.log(
      [
        `${streams} streams`,
        variant.padEnd(13),
        `cpu ${of("cpu").toFixed(3)}`,
        `x bare ${(of("cpu") / bare).toFixed(2)}`,
        `heap+buffers KB/stream ${(of("memory") / streams / 1024).toFixed(0)}`,
        `late p50 ${of("lateP50").toFixed(1)} p99 ${of("lateP99").toFixed(1)} ms`,
        `loop p99 ${of("loopP99").toFixed(1)} ms`,
        `reconnects ${of("reconnects")}`,
        `frames ${(of("framesShare") * 100).toFixed(0)} %`,
      ].join("  "),
    );
  }
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

await main();
