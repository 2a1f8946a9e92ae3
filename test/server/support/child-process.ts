/** Runs a TypeScript program of the tests in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** One file that plain Node runs; stands beside its source, so that packages are found. */
export async function bundle(source: string): Promise<string> {
  const outfile = join(here, `${source}.${process.pid}.tmp.mjs`);
  await build({
    entryPoints: [join(here, source)],
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    outfile,
    logLevel: "error",
  });
  return outfile;
}

export async function discard(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Starts it; resolves with the first line that it writes. */
export async function startProgram(
  path: string,
  args: readonly string[],
): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [chunk] = (await Promise.race([
    once(child.stdout, "data"),
    once(child, "exit").then(([code]) => {
      throw new Error(`the program ended with ${code}`);
    }),
  ])) as [Buffer];
  return { child, line: chunk.toString("utf8").trim() };
}

export async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
}
