/** A path option that got something else says so in a sentence, and repeats no key. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { everyword, temporaryFolder } from "./built.ts";

it.each([
  ["transcribe", "talk.wav"],
  ["live", "talk.wav"],
])("%s does not repeat a key that was given in place of its file", async (command, input) => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, input), new Uint8Array(100));
  const { code, stderr } = await everyword([command, input, "--api-key-file", "fw_secret123"], {
    cwd,
  });
  expect([code, stderr]).not.toEqual([0, expect.anything()]);
  expect(stderr).not.toContain("secret123");
});

it("serve says that its data folder is a file", async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "data"), "");
  const { code, stderr } = await everyword(["serve", "--port", "0", "--data-dir", "data"], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining("is a file, not a folder")]);
});
