// Runs every example as a user would and holds it to 40 lines. Each prints "ok" lines of its own;
// what counts is that it ends by itself with exit code 0 and prints something.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
// `everyword` on the path is the program that was built here.
const bin = join(root, ".tmp", "bin");
mkdirSync(bin, { recursive: true });
rmSync(join(bin, "everyword"), { force: true });
symlinkSync(join(root, "dist/cli/main.js"), join(bin, "everyword"));
const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) };
for (const name of ["EVERYWORD_SERVER", "FIREWORKS_API_KEY"]) delete env[name];

let failed = 0;
for (const name of readdirSync(join(root, "examples")).toSorted()) {
  if (!/\.(?:mjs|sh)$/u.test(name)) continue;
  const path = join(root, "examples", name);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n").length;
  const command = name.endsWith(".sh") ? "bash" : process.execPath;
  const run = spawnSync(command, [path], { cwd: root, encoding: "utf8", timeout: 240_000, env });
  const good = run.status === 0 && run.stdout.trim() !== "" && lines <= 40;
  process.stdout.write(`${good ? "ok  " : "FAIL"} ${name} (${lines} lines)\n`);
  if (!good) {
    failed++;
    process.stdout.write(`${run.stdout}${run.stderr}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
