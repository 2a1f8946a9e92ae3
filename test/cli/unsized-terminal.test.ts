/** A pseudo terminal that nobody gave a size reports 0 columns and 0 rows. */
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Io } from "../../src/cli/io.ts";
import { run } from "../../src/cli/run.ts";
import { startTestServer, type RunningServer } from "../../src/server/testing.ts";
import { temporaryFolder } from "./built.ts";
import { toneFile } from "./tones.ts";

let server: RunningServer;
const folder = temporaryFolder();
const talk = toneFile(folder, "talk.wav", "good morning to you | fine thanks");
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

function terminal(size: object) {
  return Object.assign(new PassThrough(), { isTTY: true, ...size });
}

async function printed(columns: number, args: readonly string[]): Promise<string> {
  const stdout = terminal({ columns, rows: columns === 0 ? 0 : 24 });
  const io: Io = {
    stdin: new PassThrough(),
    stdout,
    stderr: terminal({ columns }),
    env: { NO_COLOR: "1", TERM: "xterm" },
    homeDir: folder,
    cwd: folder,
    platform: process.platform,
    nodeVersion: process.version,
    abort: new AbortController().signal,
    stop: new AbortController().signal,
  };
  let text = "";
  stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
  expect(await run(args, io)).toBe(0);
  return text;
}

describe("a terminal without a size", () => {
  it("shows live text in whole lines", async () => {
    const args = ["live", talk, "--pace", "max", "--server", server.url];
    expect(await printed(0, args)).toContain("good morning to you");
  });

  it("shows help as one of 80 columns does", async () => {
    const args = ["live", "--help"];
    expect(await printed(0, args)).toBe(await printed(80, args));
  });
});
