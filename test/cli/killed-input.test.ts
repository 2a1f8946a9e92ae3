import { once } from "node:events";
import { readdirSync } from "node:fs";
import { expect, it, vi } from "vitest";
import { startTestServer } from "../../src/server/testing.ts";
import { everyword, startEveryword, temporaryFolder } from "./built.ts";
import { toneFile } from "./tones.ts";

/** The recordings that lie in a temporary folder. */
function recordingsIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /stdin|clip|\.wav$/u.test(name));
}

it("removes the recording that a killed run of standard input left, when the next one begins", async () => {
  const server = await startTestServer();
  const TMPDIR = temporaryFolder();
  const child = startEveryword(["transcribe", "-", "--server", server.url], { env: { TMPDIR } });
  child.stdin.write(new Uint8Array(100_000));
  await vi.waitUntil(() => recordingsIn(TMPDIR).length > 0, { timeout: 20_000 });
  child.kill("SIGKILL");
  await once(child, "close");
  const left = recordingsIn(TMPDIR);
  const folder = temporaryFolder();
  const talk = toneFile(folder, "talk.wav", "one two three");
  const args = ["transcribe", talk, "-q", "--start", "0.1", "--server", server.url];
  const next = await everyword(args, { env: { TMPDIR } });
  await server.close();
  expect([left.length, next.code, readdirSync(TMPDIR)]).toEqual([1, 0, []]);
});
