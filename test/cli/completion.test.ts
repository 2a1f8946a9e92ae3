import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { completionScript, SHELLS, type Shell } from "../../src/cli/completion.ts";
import { COMMANDS } from "../../src/cli/registry.ts";
import { temporaryFolder } from "./built.ts";
import { lacks } from "../programs.ts";

async function scriptFor(shell: Shell): Promise<string> {
  const entries = await Promise.all(
    COMMANDS.map(async ({ name, summary, load }) => ({ name, summary, command: await load() })),
  );
  return completionScript(shell, entries);
}

/** What bash would offer for the line, the last word being typed. */
async function offered(...line: string[]): Promise<string[]> {
  const words = ["everyword", ...line].map((word) => `'${word}'`).join(" ");
  const program = `${await scriptFor("bash")}
COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _everyword; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", program], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

describe("bash completion", () => {
  it.each([
    [["tr"], ["transcribe"]],
    [
      ["transcribe", "--out"],
      ["--output-format", "--output-dir", "--output-name"],
    ],
    [["transcribe", "-f", "s"], ["srt"]],
    [["transcribe", "--preset", "c"], ["cea608"]],
    [["completion", "z"], ["zsh"]],
    [
      ["live", "pack"],
      ["package-lock.json", "package.json"],
    ],
  ])("offers for %j %j", async (line, expected) => {
    expect((await offered(...line)).toSorted()).toEqual(expected.toSorted());
  });
});

describe("completion scripts", () => {
  for (const shell of SHELLS) {
    it.skipIf(lacks(shell))(`can be read by ${shell}`, async () => {
      const path = join(temporaryFolder(), "completion");
      writeFileSync(path, await scriptFor(shell));
      const { status, stderr } = spawnSync(shell, ["-n", path], { encoding: "utf8" });
      expect([status, stderr]).toEqual([0, ""]);
    });
  }

  it.each(SHELLS)("of %s name every command and no ignored option", async (shell) => {
    const script = await scriptFor(shell);
    expect(COMMANDS.filter(({ name }) => !script.includes(name))).toEqual([]);
    expect(script).not.toContain("beam-size");
  });
});
