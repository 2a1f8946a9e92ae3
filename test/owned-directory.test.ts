import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, onTestFinished, test, vi } from "vitest";
import { makeOwnedDirectory, sweepOwnedDirectories } from "../src/owned-directory.ts";

/** A temporary directory of our own, so that nobody else's is swept or counted. */
async function ownTemporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "everyword-sweep-"));
  vi.stubEnv("TMPDIR", directory);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true, force: true });
  });
  return directory;
}

test("what a killed process left is removed, what a living one works on stays", async () => {
  const directory = await ownTemporary();
  const worker = join(directory, "worker.mjs");
  await build({
    stdin: {
      contents:
        'import { makeOwnedDirectory } from "./src/owned-directory.ts"; await makeOwnedDirectory("input"); console.log("made"); setInterval(() => {}, 1000);',
      resolveDir: join(import.meta.dirname, ".."),
      loader: "ts",
    },
    outfile: worker,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "silent",
  });
  const child = spawn(process.execPath, [worker], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const mine = await makeOwnedDirectory("convert");
  await sweepOwnedDirectories(Date.now());
  const both = (await readdir(directory)).filter((name) =>
    /^everyword-(?:convert|input)-/u.test(name),
  );
  child.kill("SIGKILL");
  await once(child, "close");
  await sweepOwnedDirectories(Date.now());
  const left = (await readdir(directory)).filter((name) =>
    /^everyword-(?:convert|input)-/u.test(name),
  );
  expect([both.length, left.map((name) => join(directory, name, "content"))]).toEqual([
    2,
    [mine.path],
  ]);
});

test("one that does not say whose it is goes after an hour, anything else never", async () => {
  const directory = await ownTemporary();
  const now = Date.now();
  const hourAgo = new Date(now - 3_700_000);
  const others = ["everyword-AbC123", "something-else"];
  for (const name of ["everyword-upload-old", "everyword-upload-new", ...others]) {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, "audio.pcm"), "x");
    if (!name.endsWith("new")) await utimes(join(directory, name), hourAgo, hourAgo);
  }
  await sweepOwnedDirectories(now);
  expect((await readdir(directory)).toSorted()).toEqual([
    "everyword-AbC123",
    "everyword-upload-new",
    "something-else",
  ]);
});
