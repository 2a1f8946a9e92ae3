#!/usr/bin/env node
/** The only file of the command line that touches the process. */
import { readFileSync, writeSync } from "node:fs";
import { quickAnswer } from "./quick.ts";

const argv = process.argv.slice(2);
const answer = quickAnswer(argv, packageVersion);
if (answer === undefined) await runCommand();
else {
  try {
    writeSync(1, answer);
  } catch {
    // Nobody reads: nothing is wrong.
  }
}

function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return String((JSON.parse(text) as { version: unknown }).version);
}

async function runCommand(): Promise<void> {
  const { homedir } = await import("node:os");
  const { INTERRUPTED, run } = await import("./run.ts");
  const stop = new AbortController();
  const abort = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) {
      abort.abort(new Error("interrupted"));
      // Whoever interrupts twice wants the prompt back, whatever is still open.
      setTimeout(() => process.exit(INTERRUPTED), 500).unref();
    } else {
      stop.abort(new Error("interrupted"));
    }
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  for (const stream of [process.stdout, process.stderr]) {
    // Writers see the closed pipe in their callback; without a listener it would end the process.
    stream.on("error", () => undefined);
  }
  process.exitCode = await run(argv, {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    homeDir: homedir(),
    cwd: process.cwd(),
    platform: process.platform,
    nodeVersion: process.version,
    stop: stop.signal,
    abort: abort.signal,
  });
  process.removeListener("SIGINT", interrupt);
  process.removeListener("SIGTERM", interrupt);
}
