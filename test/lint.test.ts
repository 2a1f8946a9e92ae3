import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const planted: string[] = [];

/** Puts a bad file into the tree, lints it alone, and names the rules that spoke. */
function lint(path: string, code: string): string[] {
  const file = join(root, path);
  planted.push(file);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code);
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, "node_modules/oxlint/bin/oxlint"), "--format", "json", path],
    { cwd: root, encoding: "utf8" },
  );
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string }[] };
  return diagnostics.map(({ code: rule }) => rule.replace(/^.*\((.*)\)$/u, "$1"));
}

afterEach(() => {
  for (const file of planted.splice(0)) rmSync(file);
});

describe("the import rules", () => {
  const upwards: readonly [string, string][] = [
    ["src/resample/zz-bad.ts", "../stream/session.ts"],
    ["src/stream/zz-bad.ts", "../batch/transcribe-file.ts"],
    ["src/batch/zz-bad.ts", "../stream/session.ts"],
    ["src/server/zz-bad.ts", "../stream/session.ts"],
    ["src/captions/zz-bad.ts", "../server/server.ts"],
    ["src/server/zz-bad.ts", "../cli/run.ts"],
    ["src/stream/core/zz-bad.ts", "../../server/server.ts"],
    ["src/stream/core/zz-bad.ts", "node:fs"],
    ["src/resample/core/zz-bad.ts", "ws"],
    ["src/captions/zz-bad.ts", "node:path"],
  ];
  it.each(upwards)("refuse in %s an import of %s", (path, target) => {
    expect(lint(path, `import { x } from "${target}";\nexport const y = x;\n`)).toContain(
      "no-restricted-imports",
    );
  });

  it("let the server share the wire protocol and nothing else of the client", () => {
    const code =
      'import { WIRE_RATE } from "../stream/core/wire.ts";\nexport const y = WIRE_RATE;\n';
    expect(lint("src/server/zz-good.ts", code)).toEqual([]);
  });
});

describe("the purity of the core", () => {
  const impure: readonly [string, string, string][] = [
    ["the clock", "Date.now()", "no-restricted-properties"],
    ["randomness", "Math.random()", "no-restricted-properties"],
    ["timers", "setTimeout(() => 1, 1)", "no-restricted-globals"],
    ["Buffer", "Buffer.alloc(1)", "no-restricted-globals"],
    ["the process", "process.pid", "no-restricted-globals"],
    ["fetch", 'fetch("x")', "no-restricted-globals"],
  ];
  it.each(impure)("refuses %s", (_name, expression, rule) => {
    expect(lint("src/batch/core/zz-bad.ts", `export const y = () => ${expression};\n`)).toContain(
      rule,
    );
  });

  it("keeps the process out of the command line's other files", () => {
    expect(lint("src/cli/zz-bad.ts", "export const y = () => process.pid;\n")).toContain(
      "no-restricted-globals",
    );
  });
});
