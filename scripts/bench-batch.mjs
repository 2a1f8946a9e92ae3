// One large upload by `transcribeFile` against `curl -F`, to the same sink in the same run, plain
// and over TLS: throughput and peak memory. Linux, with curl and openssl. Client, sink and the
// kernel want two cores of their own.
//
// What is the same for both: the file lies in the page cache, the clock runs from before the connection
// to the answer and not while a process starts, `Expect: 100-continue` is asked, both go first in every
// other round, and over TLS both know the authorities of the system besides the sink's (Node has its own
// list of them, which it cannot leave out).
//
//   node scripts/bench-batch.mjs [--bytes 1000000000] [--rounds 11]
import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const GOAL_THROUGHPUT = 0.95;
const GOAL_MEGABYTES = 64;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const self = fileURLToPath(import.meta.url);
const role = process.env["BENCH_ROLE"];

if (role === "sink") sink();
else if (role === "client") await client();
else await bench();

function answer(request, response) {
  request.resume();
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end('{"text":"","segments":[],"words":[]}');
  });
}

/** Reads everything, answers a transcript; one process, so that client and sink do not share a core's time by turns. */
function sink() {
  const directory = process.env["BENCH_DIRECTORY"] ?? "";
  const server =
    process.env["BENCH_SECURE"] === "1"
      ? createSecureServer(
          {
            key: readFileSync(join(directory, "key.pem")),
            cert: readFileSync(join(directory, "cert.pem")),
          },
          answer,
        )
      : createServer(answer);
  server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
}

async function client() {
  const { transcribeFile } = await import("../dist/batch/transcribe-file.js");
  const { serverService } = await import("../dist/service.js");
  const [url, path] = process.argv.slice(2);
  const started = performance.now();
  await transcribeFile(path, { service: serverService(url, "fw_key"), retry: { attempts: 0 } });
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    `${JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024 })}\n`,
  );
}

async function bench() {
  const { values } = parseArgs({
    options: {
      bytes: { type: "string", default: "1000000000" },
      rounds: { type: "string", default: "11" },
    },
  });
  const bytes = Number(values.bytes);
  const rounds = Number(values.rounds);
  spawnSync(process.execPath, [join(root, "scripts/build.mjs"), "--quiet"], { stdio: "inherit" });
  const directory = mkdtempSync(join(tmpdir(), "everyword-bench-"));
  let missed = false;
  try {
    makeFile(join(directory, "large.wav"), bytes);
    makeCertificate(directory);
    for (const secure of [false, true])
      missed = (await compare(directory, secure, rounds)) || missed;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  process.exitCode = missed ? 1 : 0;
}

async function compare(directory, secure, rounds) {
  const server = spawn(process.execPath, [self], {
    env: {
      ...process.env,
      BENCH_ROLE: "sink",
      BENCH_SECURE: secure ? "1" : "0",
      BENCH_DIRECTORY: directory,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise((resolve) => {
    server.stdout.once("data", (data) => resolve(String(data).trim()));
  });
  const url = `${secure ? "https" : "http"}://127.0.0.1:${port}`;
  const ours = [];
  const theirs = [];
  const turns = [
    async () => ours.push(JSON.parse(await everyword(url, directory))),
    async () => theirs.push(JSON.parse(await run("curl", curlArguments(url, directory)))),
  ];
  for (let round = 0; round <= rounds; round += 1) {
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
    // The first round warms the page cache.
    if (round === 0) [ours, theirs].forEach((list) => list.pop());
  }
  server.kill();
  const seconds = median(ours.map((one) => one.seconds));
  const curlSeconds = median(theirs.map((one) => one.seconds));
  const best = Math.min(...ours.map((one) => one.seconds));
  const curlBest = Math.min(...theirs.map((one) => one.seconds));
  const megabytes = Math.max(...ours.map((one) => one.megabytes));
  const ratio = curlSeconds / seconds;
  const missed = ratio < GOAL_THROUGHPUT || megabytes > GOAL_MEGABYTES;
  process.stdout.write(
    `${secure ? "TLS  " : "plain"}  everyword ${seconds.toFixed(2)} s, curl ${curlSeconds.toFixed(2)} s, ` +
      `(best ${best.toFixed(2)} and ${curlBest.toFixed(2)}), throughput ${ratio.toFixed(2)} of curl's, peak ${megabytes.toFixed(1)} MB${missed ? "  MISSED" : ""}\n`,
  );
  return missed;
}

function everyword(url, directory) {
  return run(process.execPath, [self, url, join(directory, "large.wav")], {
    BENCH_ROLE: "client",
    NODE_EXTRA_CA_CERTS: join(directory, "cert.pem"),
  });
}

function curlArguments(url, directory) {
  const quiet = ["-sS", "-o", "/dev/null", "-w", '{"seconds":%{time_total}}'];
  const trust = ["--cacert", join(directory, "all.pem")];
  const form = ["-F", "model=whisper-v3", "-F", `file=@${join(directory, "large.wav")}`];
  return [...quiet, ...trust, ...form, `${url}/v1/audio/transcriptions`];
}

function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (data) => (text += data));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`${command} ended with ${code}`));
    });
  });
}

function makeFile(path, bytes) {
  const block = Buffer.alloc(1_048_576);
  for (let at = 0; at < block.length; at += 1) block[at] = (at * 2_654_435_761) >>> 24;
  const file = openSync(path, "w");
  for (let left = bytes; left > 0; left -= block.length) {
    writeSync(file, block, 0, Math.min(left, block.length));
  }
  closeSync(file);
}

function makeCertificate(directory) {
  const kind = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1";
  const name = "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1";
  const files = ["-keyout", join(directory, "key.pem"), "-out", join(directory, "cert.pem")];
  const made = spawnSync("openssl", [...kind.split(" "), ...name.split(" "), ...files]);
  if (made.status !== 0) throw new Error(`openssl: ${String(made.stderr)}`);
  const system = "/etc/ssl/certs/ca-certificates.crt";
  const known = existsSync(system) ? readFileSync(system, "utf8") : "";
  writeFileSync(
    join(directory, "all.pem"),
    known + readFileSync(join(directory, "cert.pem"), "utf8"),
  );
}

function median(values) {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}
