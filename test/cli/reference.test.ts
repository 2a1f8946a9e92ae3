import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("says in docs/cli.md and README.md what the program says", () => {
  const script = fileURLToPath(new URL("../../scripts/make-reference.mjs", import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect([status, stdout]).toEqual([0, ""]);
});
