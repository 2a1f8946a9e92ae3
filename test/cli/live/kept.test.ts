/** `--spill FILE` is there for what goes wrong: however a session gives up, the file stays. */
import { once } from "node:events";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type RunningServer } from "../../../src/server/testing.ts";
import { everyword, startEveryword, temporaryFolder } from "../built.ts";
import { toneFile } from "../tones.ts";

let server: RunningServer;
const folder = temporaryFolder();
const talk = toneFile(folder, "talk.wav", "one two three | ".repeat(12));
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

type Child = ReturnType<typeof startEveryword>;

/** Starts a talk with a spill file; `onText` sees all of stdout and stderr so far. */
async function kept(
  name: string,
  options: readonly string[],
  onText: (child: Child, text: string) => void,
): Promise<number | null> {
  const args = ["live", talk, "--pace", "4", "--spill", name, "--server", server.url, ...options];
  const child = startEveryword(args, { cwd: folder });
  let text = "";
  let stderr = "";
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
    onText(child, (text += bytes.toString()));
  });
  child.stdout.on("data", (bytes: Buffer) => onText(child, (text += bytes.toString())));
  const [code] = (await once(child, "close")) as [number | null];
  const path = join(folder, name);
  const shown = name.includes(" ") ? `'${path}'` : path;
  expect(stderr).toContain(`kept: everyword live --resume ${shown}\n`);
  expect(existsSync(path)).toBe(true);
  return code;
}

async function wordsOfResumed(name: string): Promise<string> {
  const args = ["live", talk, "--resume", name, "--write", `${name}.txt`];
  const ran = await everyword([...args, "--pace", "max", "--server", server.url], { cwd: folder });
  expect(ran.code).toBe(0);
  return readFileSync(join(folder, `${name}.txt`), "utf8")
    .replaceAll(/\s+/gu, " ")
    .trim();
}

const ALL = Array.from({ length: 12 }, () => "one two three").join(" ");

it.each(["SIGINT", "SIGTERM"] as const)("stays after a second %s", async (signal) => {
  let sent = 0;
  const code = await kept(`a ${signal}.spill`, [], (child, text) => {
    const wanted = text.includes("finishing") ? 2 : text.includes("one") ? 1 : 0;
    if (sent < wanted) child.kill(signal);
    sent = wanted;
  });
  expect(code).toBe(130);
  expect(await wordsOfResumed(`a ${signal}.spill`)).toBe(ALL);
});

it("stays when the reader of stdout is gone", async () => {
  const code = await kept("pipe.spill", [], (child) => child.stdout.destroy());
  expect(code).toBe(0);
  expect(await wordsOfResumed("pipe.spill")).toBe(ALL);
});

it.runIf(existsSync("/dev/full"))("stays when the disk of a caption file is full", async () => {
  symlinkSync("/dev/full", join(folder, "full.srt"));
  const code = await kept("full.spill", ["--write", "full.srt"], () => undefined);
  expect(code).toBe(1);
  expect(await wordsOfResumed("full.spill")).toBe(ALL);
});

it("stays when Ctrl-C ends a session that has no connection, soon after", async () => {
  const other = await startTestServer();
  let isClosing = false;
  const code = await kept("outage.spill", ["--server", other.url], (child, text) => {
    if (!isClosing && text.includes("one")) {
      isClosing = true;
      void other.close();
    }
    if (text.includes("connection lost") && !text.includes("finishing")) child.kill("SIGINT");
  });
  expect(code).toBe(130);
  expect(await wordsOfResumed("outage.spill")).toBe(ALL);
});

it("ends behind its error when there is nothing to resume", async () => {
  const args = ["live", talk, "--resume", "missing.spill", "--server", server.url];
  const { code, stderr } = await everyword(args, { cwd: folder });
  expect([code, stderr]).toEqual([4, expect.stringContaining("There is no spill file")]);
});
