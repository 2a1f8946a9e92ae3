import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startTestServer, type RunningServer } from "../../src/server/testing.ts";
import { startEveryword, temporaryFolder } from "./built.ts";
import { toneFile } from "./tones.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer({ scenario: { B13: true } });
});
afterAll(() => server.close());

/** Jobs that are submitted and that a process holds. */
async function waitedFor(ledger: string): Promise<number> {
  const text = await readFile(join(ledger, "ledger.jsonl"), "utf8").catch(() => "");
  const count = (type: string): number => text.split(`"type":"${type}"`).length - 1;
  const submitted = text.split('"status":"submitted"').length - 1;
  return Math.min(submitted, count("claim") - count("release"));
}

/** Runs it and interrupts it as soon as both jobs are submitted and waited for. */
async function interrupted(args: readonly string[], cwd: string, ledger: string) {
  const child = startEveryword([...args, "--ledger", ledger, "--server", server.url], { cwd });
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const closed = once(child, "close");
  await vi.waitUntil(async () => (await waitedFor(ledger)) === 2, { timeout: 20_000 });
  child.kill("SIGINT");
  const [code] = (await closed) as [number];
  return { code, stderr };
}

/** The rows of the table in the order of their files, and what follows. */
function endOf(stderr: string): string[] {
  const lines = stderr.trim().split("\n").slice(-4);
  return [
    ...lines
      .slice(0, 2)
      .map((row) => row.trim())
      .toSorted(),
    ...lines.slice(2),
  ];
}

describe("an interrupted run of jobs says what goes on at the service", () => {
  it("for transcribe --batch and batch wait", async () => {
    const cwd = temporaryFolder();
    const ledger = join(cwd, "jobs");
    toneFile(cwd, "one.wav", "one");
    toneFile(cwd, "two.wav", "two");
    const ran = await interrupted(["transcribe", "--batch", "one.wav", "two.wav"], cwd, ledger);
    const waited = await interrupted(["batch", "wait"], cwd, ledger);
    const table = [
      expect.stringMatching(/^\S+one\.wav +submitted$/u),
      expect.stringMatching(/^\S+two\.wav +submitted$/u),
      expect.stringMatching(/^0 of 2 done, 2 submitted, .* \(interrupted\)$/u),
    ];
    expect([ran.code, endOf(ran.stderr)]).toEqual([
      130,
      [
        ...table,
        "everyword: stopped; the same command goes on with the rest; 2 jobs go on at the service, and everyword batch wait with the same --server, -f and -o fetches what comes",
      ],
    ]);
    expect([waited.code, endOf(waited.stderr)]).toEqual([
      130,
      [...table, "everyword: stopped; the jobs go on, the same command waits again"],
    ]);
  });
});
