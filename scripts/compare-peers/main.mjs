// What a drop costs with each peer's live client, and what each one weighs. Six seconds of audio are
// written at their own pace; the connection breaks when two have arrived, of which one was answered.
// Installs the peers, each alone and with its exact version, in a temporary folder.
// Usage: node scripts/build.mjs && node scripts/compare-peers/main.mjs [NAME…]
import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocketServer } from "ws";
import { chunk, CHUNKS } from "./audio.mjs";
import { openEveryword } from "./everyword.mjs";
import { openFakeService } from "./fake-service.mjs";
import { PEERS } from "./peers.mjs";

/** Long enough for every client's slowest first redial. */
const PATIENCE_MS = 8000;
const ANSWERED = 10;

const folder = mkdtempSync(join(tmpdir(), "peers-"));
try {
  const asked = process.argv.slice(2);
  const names = asked.length > 0 ? asked : [...Object.keys(PEERS), "everyword"];
  for (const name of names) {
    const row = name === "everyword" ? await measureEveryword() : await measurePeer(name);
    process.stdout.write(`${JSON.stringify(row, undefined, 2)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measurePeer(name) {
  const peer = PEERS[name];
  const spec = `${name}@${peer.version}`;
  const home = install(name, spec, ...(peer.beside ?? []));
  const weight = weigh(join(home, "node_modules"));
  const startUpMs = startUp(home, name);
  const library = createRequire(join(home, "package.json"))(name);
  const tls = peer.tls === true ? certificate() : undefined;
  const service = await openFakeService(WebSocketServer, peer.speak, tls);
  const times = [];
  const client = await withinPatience(
    peer.open(library, service.port, (start) => times.push(start)),
  );
  const refused = await play((bytes) => client.send(bytes));
  await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.resolve(client.end()).catch(() => undefined);
  service.close();
  const { settings } = peer;
  return {
    name: spec,
    settings,
    ...weight,
    startUpMs,
    ...outcome(service.connections, refused),
    told: times.at(-1),
  };
}

async function withinPatience(opening) {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  return Promise.race([
    opening,
    new Promise((_, reject) => {
      timeout.addEventListener("abort", () => reject(new Error("it did not open")));
    }),
  ]);
}

/** A folder with nothing but that package and what it brings. */
function install(name, spec, ...flags) {
  const home = join(folder, [name, ...flags].join("").replaceAll(/\W+/gu, "-"));
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), '{"private":true,"type":"module"}');
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts"];
  execFileSync("npm", ["install", ...quiet, ...flags, spec], { cwd: home, stdio: "ignore" });
  return home;
}

async function measureEveryword() {
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    encoding: "utf8",
  });
  const spec = join(folder, packed.trim().split("\n").at(-1));
  const home = install("everyword", spec, "--omit=optional");
  const weight = weigh(join(home, "node_modules"));
  const whole = weigh(join(install("everyword", spec), "node_modules"));
  const startUpMs = startUp(home, "everyword");
  const client = await openEveryword();
  const refused = await play((bytes) => client.send(bytes));
  await client.end();
  const starts = client.finals.map(({ start }) => start);
  return {
    name: "everyword",
    ...weight,
    whole,
    startUpMs,
    ...outcome(client.connections, refused),
    starts,
  };
}

/** Made on the spot; this process alone trusts it, as it trusts every other one from here on. */
function certificate() {
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(folder, name));
  const files = ["-keyout", key, "-out", cert, "-subj", "/CN=127.0.0.1"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...files], {
    stdio: "ignore",
  });
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

/** Chunks that the client refused to take. */
async function play(send) {
  let refused = 0;
  const started = performance.now();
  for (let n = 0; n < CHUNKS; n++) {
    const early = started + n * 100 - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    try {
      await send(chunk(n));
    } catch {
      refused++;
    }
  }
  return refused;
}

function seconds(chunks) {
  return chunks.length / 10;
}

function outcome(connections, refused) {
  const [first, ...later] = connections;
  const sent = first?.heard ?? new Set();
  const again = new Set(later.flatMap(({ heard }) => [...heard]));
  const all = Array.from({ length: CHUNKS }, (_, n) => n);
  const unanswered = all.filter((n) => sent.has(n) && n >= ANSWERED);
  return {
    connections: connections.length,
    backAfterMs: later[0] === undefined ? undefined : Math.round(later[0].at - first.brokenAt),
    unansweredSentAgainSeconds: seconds(unanswered.filter((n) => again.has(n))),
    unansweredSeconds: seconds(unanswered),
    writtenLaterSeconds: seconds(all.filter((n) => !sent.has(n))),
    writtenLaterArrivedSeconds: seconds(all.filter((n) => !sent.has(n) && again.has(n))),
    lostSeconds: seconds(all.filter((n) => n >= ANSWERED && !again.has(n))),
    refusedSeconds: refused / 10,
  };
}

function weigh(path) {
  let bytes = 0;
  let packages = 0;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath ?? entry.path, entry.name)).size;
    const inPackage = /node_modules(?:\/@[^/]+)?\/[^/@]+$/u.test(entry.parentPath ?? entry.path);
    if (inPackage && entry.name === "package.json") packages++;
  }
  return { megabytes: Math.round(bytes / 1e5) / 10, packages };
}

/** CPU time that importing costs beyond an empty program, median of 11 in turns. */
function startUp(home, name) {
  const cpuMs = (code) => {
    const report =
      "const { user, system } = process.cpuUsage(); console.log((user + system) / 1000);";
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", code + report], {
      cwd: home,
      encoding: "utf8",
    });
    return Number(run.stdout);
  };
  const costs = Array.from(
    { length: 11 },
    () => cpuMs(`await import(${JSON.stringify(name)});`) - cpuMs(""),
  );
  return Math.round(costs.toSorted((a, b) => a - b)[5]);
}
