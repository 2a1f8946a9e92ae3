/** The hidden prompt, on a pseudo-terminal that util-linux's `script` makes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { authIniKey } from "../../src/open-service.ts";
import { cleanEnvironment, temporaryFolder } from "./built.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Types `keys` once the prompt is there. */
async function login(keys: string) {
  const home = temporaryFolder();
  const command = `'${process.execPath}' '${main}' login`;
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    env: { ...cleanEnvironment(), HOME: home },
  });
  let screen = "";
  child.stdout.on("data", (text: Buffer) => {
    const asked = screen.includes("not shown");
    screen += text.toString();
    if (!asked && screen.includes("not shown")) child.stdin.write(keys);
  });
  const [code] = (await once(child, "close")) as [number];
  const path = join(home, ".fireworks", "auth.ini");
  return { code, screen, path, key: existsSync(path) ? readFileSync(path, "utf8") : undefined };
}

it("takes a key that nobody sees, and mends it with Backspace", async () => {
  const seen = await login("fw_secrex\u007Ft\r");
  expect(seen.code).toBe(0);
  expect(seen.screen).not.toMatch(/fw_|secre/u);
  expect(seen.screen.split("\r\n")).toEqual([
    "API key (not shown): ",
    expect.stringContaining(`stored in ${seen.path}`),
    "",
  ]);
  expect(authIniKey(seen.key ?? "")).toBe("fw_secret");
  expect(statSync(seen.path).mode.toString(8)).toBe("100600");
});

it.each([
  ["Ctrl-C", "fw_sec\u0003"],
  ["Ctrl-D", "\u0004"],
  ["nothing but Enter", "\r"],
  ["two words", "my key\r"],
])("stores nothing after %s", async (_what, keys) => {
  const seen = await login(keys);
  expect([seen.code, seen.key]).toEqual([2, undefined]);
  expect(seen.screen).toMatch(/nothing was stored|That is no key/u);
  expect(seen.screen).not.toContain("fw_");
});
