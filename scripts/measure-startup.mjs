// Measures how long `everyword --version` and `--help` take beside a bare `node -e 0`, in the same run
// and in turns, so that a busy machine slows all three alike. Prints medians; with --check it fails
// above 1.25 times. Usage: node scripts/measure-startup.mjs [rounds] [--check]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const MOST = 1.25;
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const rounds = Number(process.argv[2] ?? 41) || 41;
const runs = { bare: ["-e", "0"], version: [main, "--version"], help: [main, "--help"] };
const times = { bare: [], version: [], help: [] };

for (let round = 0; round < rounds; round++) {
  for (const [name, args] of Object.entries(runs)) {
    const started = performance.now();
    spawnSync(process.execPath, args, { stdio: "ignore" });
    times[name].push(performance.now() - started);
  }
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const bare = median(times.bare);
let slow = false;
process.stdout.write(`node -e 0            ${bare.toFixed(1)} ms (median of ${rounds})\n`);
for (const name of ["version", "help"]) {
  const ratio = median(times[name]) / bare;
  slow ||= ratio > MOST;
  const label = `everyword --${name}`.padEnd(20);
  process.stdout.write(
    `${label} ${median(times[name]).toFixed(1)} ms, ${ratio.toFixed(2)} times\n`,
  );
}
if (slow && process.argv.includes("--check")) process.exitCode = 1;
