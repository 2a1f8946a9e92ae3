import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startTestServer, type Scenario } from "../../src/server/testing.ts";
import { everyword, startEveryword, temporaryFolder } from "./built.ts";
import { toneFile } from "./tones.ts";

const folder = temporaryFolder();
const talk = toneFile(folder, "talk.wav", "one two three");

async function against(scenario: Scenario, ...args: string[]) {
  const server = await startTestServer({ scenario });
  try {
    return await everyword([...args, "--server", server.url]);
  } finally {
    await server.close();
  }
}

const cases: readonly [number, string, Scenario, string[]][] = [
  [0, "all is done", {}, ["transcribe", talk]],
  [1, "some inputs failed", {}, ["transcribe", talk, "gone.wav"]],
  [2, "the call makes no sense", {}, ["transcribe", talk, "--task", "sing"]],
  [3, "the key is refused (401)", { A2: true }, ["transcribe", talk]],
  [3, "the key is refused (403)", { A3: true }, ["transcribe", talk]],
  [3, "the key is refused on a stream", { W1: { status: 401 } }, ["live", talk, "--pace", "max"]],
  [4, "the input cannot be read", {}, ["transcribe", "gone.wav"]],
  [5, "the service is withdrawn", { A12: true }, ["transcribe", talk]],
  [6, "the account has no money left", { A4: true }, ["transcribe", talk]],
];

describe("the exit code", () => {
  it.each([
    ["live", "--pace", "max"],
    ["transcribe", "--via", "stream"],
    ["transcribe", "--via", "sync"],
  ])("is 2 on every route when the server cannot do a language: %s %s %s", async (name, ...how) => {
    const ran = await against({}, name, talk, "-l", "de", ...how);
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toMatch(/“[^{}”]+”\)?; change the option it names\.$/mu);
    expect(ran.stderr).not.toMatch(/[{}]|nothing is known/u);
  });

  it.each([
    [["--diarize"], "The local recognizer cannot do --diarize; give --server URL"],
    [["--diarize", "--via", "sync"], "The local recognizer cannot do --diarize; give --server URL"],
    [["--task", "translate"], "The local recognizer cannot do --task translate; give --server URL"],
  ])("is 2 before any work when the local recognizer cannot do %j", async (args, says) => {
    const cwd = temporaryFolder();
    const ran = await everyword(["transcribe", talk, "gone.wav", "-o", "out", ...args], { cwd });
    expect([ran.code, ran.stdout, ran.stderr.split("\n").length]).toEqual([2, "", 2]);
    expect(ran.stderr).toContain(`everyword: ${says}`);
    expect(existsSync(join(cwd, "out"))).toBe(false);
  });

  it("is 2 when a stream is asked for what only a request can do", async () => {
    const ran = await against({}, "transcribe", talk, "--via", "stream", "--diarize");
    expect(ran).toEqual({
      code: 2,
      stdout: "",
      stderr: "everyword: A stream cannot do --diarize; leave out --via stream.\n",
    });
  });

  it("is 0 when a server was busy for a while, which is told once", async () => {
    const ran = await against({ A19: { first: 2, status: 503 } }, "transcribe", talk);
    const lines = ran.stderr.split("\n").filter((line) => line.includes("Trying again"));
    expect([ran.code, lines.length, lines[0]]).toEqual([0, 1, expect.stringContaining("503")]);
  });

  it.each(cases)("is %d when %s", async (code, _why, scenario, args) => {
    const ran = await against(scenario, ...args);
    expect(ran).toMatchObject({ code });
    expect(ran.stderr).not.toMatch(/\n\s+at /u);
  });

  it.each([
    ["", "none was given; name its file with --api-key-file"],
    ["wrong-key-1", "refused the key (HTTP 401"],
  ])("of a stream with the key %j is 3, and told with the command's options", async (key, says) => {
    const server = await startTestServer({ keys: ["right-key-1"] });
    const args = ["live", talk, "--pace", "max", "--server", server.url];
    const ran = await everyword(args, { env: { EVERYWORD_API_KEY: key } });
    await server.close();
    expect(ran).toMatchObject({ code: 3, stderr: expect.stringContaining(says) });
    expect(ran.stderr).not.toMatch(/[{}]|wrong-key/u);
  });

  it("is 0 when the reader of stdout goes away", async () => {
    const child = startEveryword(["languages"]);
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    const [code] = (await once(child, "close")) as [number];
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("is 130 after Ctrl-C: what is in hand is finished and saved, the rest not begun", async () => {
    const server = await startTestServer();
    const long = toneFile(folder, "long.wav", "one two three | ".repeat(12));
    const args = ["transcribe", long, talk, "-f", "txt", "-o", folder, "--via", "stream"];
    const child = startEveryword([...args, "--verbose", "--server", server.url]);
    let stderr = "";
    child.stderr.on("data", (text: Buffer) => {
      if (stderr === "") child.kill("SIGINT");
      stderr += text.toString();
    });
    const [code] = (await once(child, "close")) as [number];
    await server.close();
    expect(code).toBe(130);
    expect([existsSync(join(folder, "long.txt")), existsSync(join(folder, "talk.txt"))]).toEqual([
      true,
      false,
    ]);
    expect(stderr).toContain("goes on with the rest");
  });

  it("is 130 after Ctrl-C twice, at once and with nothing half written", async () => {
    // Never answers (A15); the first Ctrl-C comes when the request is there.
    const server = createServer((request) => {
      request.resume();
      child.kill("SIGINT");
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    const out = temporaryFolder();
    const child = startEveryword([
      "transcribe",
      talk,
      "-f",
      "txt",
      "-o",
      out,
      "--server",
      `http://127.0.0.1:${port}`,
    ]);
    const closed = once(child, "close");
    let seen = "";
    child.stderr.on("data", (text: Buffer) => {
      seen += text.toString();
      if (seen.includes("once more")) child.kill("SIGINT");
    });
    const [code] = (await closed) as [number];
    server.close();
    expect(code).toBe(130);
    expect(existsSync(join(out, "talk.txt"))).toBe(false);
  });
});
