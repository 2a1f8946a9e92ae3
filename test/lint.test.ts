import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const imports = (target: string): string => `import { x } from "${target}";\nexport const y = x;\n`;
const calls = (expression: string): string => `export const y = () => ${expression};\n`;

/** What stands in each planted file, and the rule that must speak; none for a good one. */
const planted: readonly { room: string; code: string; rule: string | undefined }[] = [
  { room: "resample", code: imports("../stream/session.ts"), rule: "no-restricted-imports" },
  { room: "stream", code: imports("../batch/transcribe-file.ts"), rule: "no-restricted-imports" },
  { room: "batch", code: imports("../stream/session.ts"), rule: "no-restricted-imports" },
  { room: "server", code: imports("../stream/session.ts"), rule: "no-restricted-imports" },
  { room: "server", code: imports("../cli/run.ts"), rule: "no-restricted-imports" },
  { room: "captions", code: imports("../server/server.ts"), rule: "no-restricted-imports" },
  { room: "captions", code: imports("node:path"), rule: "no-restricted-imports" },
  { room: "stream/core", code: imports("../../server/server.ts"), rule: "no-restricted-imports" },
  { room: "stream/core", code: imports("node:fs"), rule: "no-restricted-imports" },
  { room: "resample/core", code: imports("ws"), rule: "no-restricted-imports" },
  { room: "batch/core", code: calls("Date.now()"), rule: "no-restricted-properties" },
  { room: "batch/core", code: calls("Math.random()"), rule: "no-restricted-properties" },
  { room: "stream/core", code: calls("setTimeout(() => 1, 1)"), rule: "no-restricted-globals" },
  { room: "resample/core", code: calls("Buffer.alloc(1)"), rule: "no-restricted-globals" },
  { room: "captions", code: calls("process.pid"), rule: "no-restricted-globals" },
  { room: "batch/core", code: calls('fetch("x")'), rule: "no-restricted-globals" },
  { room: "cli", code: calls("process.pid"), rule: "no-restricted-globals" },
  {
    room: "server",
    code: 'import { WIRE_RATE } from "../stream/core/wire.ts";\nexport const y = WIRE_RATE;\n',
    rule: undefined,
  },
  { room: "stream/core", code: calls("1 + 1"), rule: undefined },
];

// A copy, for other tests read the sources meanwhile.
const copy = mkdtempSync(join(tmpdir(), "everyword-lint-"));
const pathOf = (index: number): string => `src/${planted[index]?.room}/zz-planted-${index}.ts`;
const spoke = new Map<string, string[]>();

beforeAll(() => {
  for (const name of ["src", ".oxlintrc.json"]) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  const paths = planted.map((_, index) => pathOf(index));
  for (const [index, { code }] of planted.entries()) writeFileSync(join(copy, pathOf(index)), code);
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, "node_modules/oxlint/bin/oxlint"), "--format", "json", ...paths],
    { cwd: copy, encoding: "utf8" },
  );
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { code: string; filename: string }[];
  };
  for (const { code, filename } of diagnostics) {
    spoke.set(filename, [...(spoke.get(filename) ?? []), code.replace(/^.*\((.*)\)$/u, "$1")]);
  }
});

afterAll(() => rmSync(copy, { recursive: true }));

describe("the linter keeps rooms apart and the core pure", () => {
  const cases = planted.map(({ room, code, rule }, index) => ({
    room,
    code: code.split("\n")[0],
    rule,
    index,
  }));
  it.each(cases)("in $room, $code: $rule", ({ index, rule }) => {
    expect(spoke.get(pathOf(index)) ?? []).toEqual(rule === undefined ? [] : [rule]);
  });
});
