/** Runs the built program as a user does: its own process, a home of its own, no key unless given. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The built program. */
export const MAIN = join(root, "dist/cli/main.js");

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function fixture(name: string): string {
  return join(root, "test", "fixtures", name);
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "everyword-"));
}

const noSettings = temporaryFolder();

/** No key and no settings of whoever runs the tests; where weights are kept stays as it is. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => name === "EVERYWORD_MODEL_DIR" || !/^(EVERYWORD_|FIREWORKS_API_KEY$)/u.test(name),
  );
  return { ...Object.fromEntries(kept), XDG_CONFIG_HOME: noSettings };
}

/** The program itself, for tests that talk to it while it runs. */
export function startEveryword(
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: options.cwd ?? temporaryFolder(),
    env: { ...cleanEnvironment(), ...options.env },
  });
}

/** Weights are kept in the real cache: a home of one's own would fetch them anew. */
export function everyword(
  args: readonly string[],
  options: { env?: Record<string, string>; input?: Uint8Array | string; cwd?: string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = startEveryword(args, options);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input);
  });
}
