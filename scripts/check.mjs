// Everything CI checks beyond the tests, in one command: lint, format, types, package, examples,
// README code. Prints a line per step; exits 1 if any failed.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const steps = [
  {
    name: "lint",
    command: "npx",
    args: ["--no-install", "oxlint", "--type-aware", "--deny-warnings"],
  },
  { name: "format", command: "npx", args: ["--no-install", "oxfmt", "--check"] },
  { name: "types", command: "npx", args: ["--no-install", "tsc", "--noEmit"] },
  { name: "build", command: "node", args: ["scripts/build.mjs", "--quiet"] },
  { name: "unused code", command: "npx", args: ["--no-install", "knip"] },
  { name: "package", command: "npx", args: ["--no-install", "publint", "--strict"] },
  {
    name: "package types",
    command: "npx",
    args: ["--no-install", "attw", "--pack", ".", "--profile", "esm-only"],
  },
  { name: "reference", command: "node", args: ["scripts/make-api.mjs", "--check"] },
  { name: "README code", command: "node", args: ["scripts/check-docs.mjs"] },
  { name: "examples", command: "node", args: ["scripts/check-examples.mjs"] },
];

let passed = 0;
const failed = [];
for (const { name, command, args } of steps) {
  const started = Date.now();
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)\n`);
  if (status === 0) passed++;
  else {
    failed.push(name);
    process.stdout.write(`${stdout}${stderr}\n`);
  }
}
process.stdout.write(`checks: ${passed} passed, ${failed.length} failed\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
