// Runs every example as a user would and holds it to 40 lines. Each prints "ok" lines of its own;
// what counts is that it ends by itself with exit code 0 and prints something.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
let failed = 0;
for (const name of readdirSync(join(root, "examples")).toSorted()) {
  if (!/\.(?:mjs|sh)$/u.test(name)) continue;
  const path = join(root, "examples", name);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n").length;
  const command = name.endsWith(".sh") ? "bash" : process.execPath;
  const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}` };
  const run = spawnSync(command, [path], { cwd: root, encoding: "utf8", timeout: 120_000, env });
  const good = run.status === 0 && run.stdout.trim() !== "" && lines <= 40;
  process.stdout.write(`${good ? "ok  " : "FAIL"} ${name} (${lines} lines)\n`);
  if (!good) {
    failed++;
    process.stdout.write(`${run.stdout}${run.stderr}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
