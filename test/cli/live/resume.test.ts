import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { liveCommand } from "../../../src/cli/commands/live.ts";
import type { SessionEvent } from "../../../src/stream/core/events.ts";
import { startTestServer, type RunningServer } from "../../../src/server/testing.ts";
import { cleanEnvironment, everyword, MAIN, startEveryword, temporaryFolder } from "../built.ts";
import { toneFile } from "../tones.ts";

let server: RunningServer;
const folder = temporaryFolder();
const script = "one two two | three four four five | six | ".repeat(12);
const spoken = script.split(/[\s|]+/u).filter((word) => word !== "");
const talk = toneFile(folder, "talk.wav", script);

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

function live(...args: string[]): string[] {
  return ["live", ...args, "--jsonl", "--pace", "8", "--server", server.url];
}

function eventsOf(lines: string): SessionEvent[] {
  return lines
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as SessionEvent);
}

function wordsOf(events: readonly SessionEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === "final" ? event.words.map((word) => word.text) : [],
  );
}

/** Kills the program, without a chance to say goodbye, after that many final events. */
async function killAfter(finals: number, args: readonly string[]): Promise<SessionEvent[]> {
  const child = startEveryword(args, { cwd: folder });
  let lines = "";
  child.stdout.on("data", (text: Buffer) => {
    lines += text.toString();
    if (lines.split('"type":"final"').length > finals) child.kill("SIGKILL");
  });
  const [, signal] = (await once(child, "close")) as [unknown, string];
  expect(signal).toBe("SIGKILL");
  return eventsOf(lines);
}

describe("a live session whose process is killed, twice", () => {
  it("is taken up with every word once, on one timeline, and leaves no file", async () => {
    const first = await killAfter(4, live(talk, "--spill", "talk.spill"));
    const path = join(folder, "talk.spill");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const second = await killAfter(3, live(talk, "--resume", "talk.spill"));
    const { code, stdout, stderr } = await everyword(
      live(talk, "--resume", "talk.spill", "--write", "talk.json", "--write", "talk.srt"),
      { cwd: folder },
    );
    const third = eventsOf(stdout);
    expect([code, stderr, existsSync(path)]).toEqual([0, "", false]);

    const told = [...wordsOf(first), ...wordsOf(second), ...wordsOf(third)];
    // A line may be remembered and not printed when the kill comes between; never the reverse.
    expect(spoken.length - told.length).toBeLessThanOrEqual(8);
    expect(wordsOf(third)).toEqual(spoken.slice(-wordsOf(third).length));
    const written = JSON.parse(readFileSync(join(folder, "talk.json"), "utf8")) as {
      segments: { words: { word: string; start: number }[] }[];
    };
    const words = written.segments.flatMap((segment) => segment.words);
    expect(words.map(({ word }) => word.trim())).toEqual(spoken);
    const starts = words.map((word) => word.start);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(third.at(-1)).toMatchObject({ type: "end", words: spoken.length, gaps: 0 });
    const connections = third.flatMap((event) =>
      event.type === "reconnected" ? [event.connection] : [],
    );
    expect(connections).toEqual([3]);
  });

  it("is finished from the file alone when its input is gone", async () => {
    await killAfter(4, live(talk, "--spill", "alone.spill"));
    const { code, stdout } = await everyword(live("--resume", "alone.spill"), { cwd: folder });
    const rest = wordsOf(eventsOf(stdout));
    expect(code).toBe(0);
    const { words } = eventsOf(stdout).at(-1) as { words: number };
    // The kill may have cut the last word in two, which nobody can hear.
    const cut = rest.at(-1) === "…" ? 1 : 0;
    const whole = rest.slice(0, rest.length - cut);
    const end = words - cut;
    expect(whole).toEqual(spoken.slice(end - whole.length, end));
  });
});

describe("--spill and --resume", () => {
  it.each([
    [["--resume", "none.spill"], 4, "There is no spill file none.spill"],
    [[talk, "--spill", talk], 2, `exists; take its session up with --resume ${talk},`],
    [[talk, "--spill", "a", "--resume", "b"], 2, "leave --spill out"],
  ])("refuse %j", async (args, expected, message) => {
    const { code, stderr } = await everyword(live(...args), { cwd: folder });
    expect(code).toBe(expected);
    expect(stderr).toContain(message);
  });

  it("go by the lines of the help: a recording that Ctrl-C ended leaves nothing to resume", async () => {
    const [begin, goOn] = liveCommand.examples.filter((line) => line.includes("talk.spill"));
    const lines = [begin?.replace("--mic", talk), 'echo "ended with $?"', goOn, 'echo "then $?"'];
    const program = `everyword() { ${process.execPath} ${MAIN} "$@" --pace 8 --server ${server.url}; }`;
    const commands = [program, ...lines].join("\n");
    const child = spawn("bash", ["-c", commands], {
      cwd: folder,
      env: cleanEnvironment(),
      detached: true,
    });
    let out = "";
    child.stdout.on("data", (text: Buffer) => {
      // To the shell and the program, as a terminal does it.
      if (out === "" && child.pid !== undefined) process.kill(-child.pid, "SIGINT");
      out += text.toString();
    });
    await once(child, "close");
    expect(out).toMatch(/ended with 130\nthen 1\n$/u);
  });

  it("keep the file, and say how to go on, when the session fails", async () => {
    const other = await startTestServer({ keys: ["right"] });
    const args = ["live", talk, "--spill", "kept.spill", "--server", other.url, "--pace", "8"];
    const { code, stderr } = await everyword(args, { cwd: folder });
    await other.close();
    expect(code).not.toBe(0);
    expect(stderr).toContain(`everyword live --resume ${join(folder, "kept.spill")}`);
    const resumed = await everyword(live(talk, "--resume", "kept.spill"), { cwd: folder });
    expect(wordsOf(eventsOf(resumed.stdout))).toEqual(spoken);
  });
});
