import { once } from "node:events";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type RunningServer } from "../../../src/server/testing.ts";
import { everyword, startEveryword, temporaryFolder, type Ran } from "../built.ts";
import { toneFile } from "../tones.ts";

let server: RunningServer;
const folder = temporaryFolder();
const script = "one two two | three four four five | six | ".repeat(8);
const spoken = script.split(/[\s|]+/u).filter((word) => word !== "");
const talk = toneFile(folder, "talk.wav", script);
/** So that the test ends if the program does not. */
const LONGEST_MS = 60_000;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

function live(...args: string[]): string[] {
  return ["live", talk, ...args, "--pace", "4", "--server", server.url];
}

/** Runs until the first words are shown, does something to it, and waits for the end. */
async function interfere(
  args: readonly string[],
  act: (child: ReturnType<typeof startEveryword>) => Promise<void> | void,
): Promise<Ran> {
  const child = startEveryword(args, { cwd: folder });
  const watchdog = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => {
    stderr += text.toString();
  });
  const begun = new Promise<void>((resolve) => {
    child.stdout.on("data", (text: Buffer) => {
      stdout += text.toString();
      if (stdout.includes('"final"')) resolve();
    });
  });
  await Promise.race([begun, once(child, "close")]);
  await act(child);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(watchdog);
  return { code, stdout, stderr };
}

function captionedWords(name: string): string[] {
  const lines = readFileSync(join(folder, name), "utf8").split("\n");
  return lines
    .filter((line) => /^[a-z ]+$/u.test(line))
    .flatMap((line) => line.split(" "))
    .filter((word) => word !== "");
}

describe("a file of --write", () => {
  it.each([
    [["--server", "http://127.0.0.1:1"], 5],
    [["--spill", "old.srt"], 2],
    [["--write", "/missing/other.srt"], 2],
    [["--resume", "none.spill"], 4],
  ])("keeps what was there when the talk never begins: %j", async (args, expected) => {
    for (const name of ["old.srt", "old.json"]) writeFileSync(join(folder, name), "old");
    const written = ["--write", "old.srt", "--write", "old.json"];
    const { code } = await everyword([...live(...written), ...args], { cwd: folder });
    expect(code).toBe(expected);
    for (const name of ["old.srt", "old.json"]) {
      expect(readFileSync(join(folder, name), "utf8")).toBe("old");
    }
  });

  it("is refused when it is the input by another name", async () => {
    symlinkSync(talk, join(folder, "alias.srt"));
    const before = readFileSync(talk);
    const { code, stderr } = await everyword(live("--write", "alias.srt"), { cwd: folder });
    expect([code, readFileSync(talk).equals(before)]).toEqual([2, true]);
    expect(stderr).toContain("are the same file");
  });

  it("goes on to the end when nobody reads the screen any more", async () => {
    const args = live("--jsonl", "--write", "whole.srt");
    const { code, stderr } = await interfere(args, (child) => {
      child.stdout.destroy();
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(captionedWords("whole.srt")).toEqual(spoken);
  });

  it("is where captions go beside --jsonl", async () => {
    const { code, stderr } = await everyword(live("--jsonl", "--captions", "srt"));
    expect(code).toBe(2);
    expect(stderr).toContain("use --write FILE for captions");
  });
});

describe("a spill file", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("is kept when %s comes twice", async (signal) => {
    const name = `${signal}.spill`;
    // The first one waits for the end, which never comes.
    const slow = await startTestServer({ scenario: { W32: true } });
    const args = [...live("--jsonl", "--spill", name), "--server", slow.url];
    const { code, stderr } = await interfere(args, async (child) => {
      child.kill(signal);
      await new Promise((resolve) => setTimeout(resolve, 500));
      child.kill(signal);
    });
    await slow.close();
    expect(code).not.toBe(0);
    expect(stderr).toContain(`everyword live --resume ${join(folder, name)}`);
    expect(existsSync(join(folder, name))).toBe(true);
  });

  it("is kept when the reader of the screen goes away", async () => {
    const { code, stderr } = await interfere(live("--jsonl", "--spill", "pipe.spill"), (child) => {
      child.stdout.destroy();
    });
    expect(code).toBe(0);
    expect(stderr).toContain("everyword live --resume");
    expect(existsSync(join(folder, "pipe.spill"))).toBe(true);
  });

  it("is kept when a caption file cannot be written any more", async () => {
    symlinkSync("/dev/full", join(folder, "full.srt"));
    const args = live("--jsonl", "--spill", "full.spill", "--write", "full.srt");
    const { code, stderr } = await everyword(args, { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain("everyword live --resume");
    expect(existsSync(join(folder, "full.spill"))).toBe(true);
  });

  it("is kept, and not waited for, when it is stopped in an outage", async () => {
    const other = await startTestServer();
    const args = [...live("--jsonl", "--spill", "outage.spill"), "--server", other.url];
    const { code, stderr } = await interfere(args, async (child) => {
      await other.close();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      child.kill("SIGINT");
    });
    expect(code).toBe(5);
    expect(stderr).toContain("No connection came within 10 s");
    expect(stderr).toContain("everyword live --resume");
    const resumed = await everyword(live("--resume", "outage.spill", "--write", "resumed.srt"), {
      cwd: folder,
    });
    expect([resumed.code, captionedWords("resumed.srt")]).toEqual([0, spoken]);
  });
});
