import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openSession, serverService } from "../../src/browser.ts";
import { speakTones, startTestServer, type RunningServer } from "../../src/server/testing.ts";
import { bundleRun, runInChromium } from "../chromium.ts";
import { lacks } from "../programs.ts";
import type { PageInput, PageResult } from "./platform-page.ts";

const page = new URL("platform-page.ts", import.meta.url);
const speech = speakTones("the quick brown fox jumps over the lazy dog | pack my box with jugs");
const audio = Buffer.from(speech.samples.buffer).toString("base64");
const spoken = speech.words.map((word) => word.text);

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function inChromium(input: PageInput): Promise<PageResult> {
  return (await runInChromium(page, input)) as PageResult;
}

/** Node 20 has its WebSocket behind a flag. */
async function inNode(input: PageInput): Promise<PageResult> {
  const flags = "WebSocket" in globalThis ? [] : ["--experimental-websocket"];
  const node = spawn(process.execPath, [...flags, "--input-type=module"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  node.stdin.end(await bundleRun(page, input, "(body) => console.log(JSON.stringify(body))"));
  const report = JSON.parse(await text(node.stdout)) as { result: PageResult; error?: string };
  if (report.error !== undefined) throw new Error(report.error);
  return report.result;
}

const platforms = [
  { name: "in Chromium", isMissing: lacks("chromium"), run: inChromium, usesBuffer: false },
  { name: "in Node", isMissing: false, run: inNode, usesBuffer: true },
];

for (const { name, isMissing, run, usesBuffer } of platforms) {
  describe.skipIf(isMissing)(`a session on the platform's own WebSocket, ${name}`, () => {
    it("says every word once, across a connection that is cut (W50)", async () => {
      server = await startTestServer({ scenario: { W50: { seconds: 2, first: 1 } } });
      const result = await run({ server: server.url, audio });
      expect(result).toEqual({
        words: spoken,
        reason: "complete",
        reconnects: 1,
        gaps: 0,
        error: undefined,
        usesBuffer,
      });
    });

    it("notices a connection that went silent, though it cannot ping (W55)", async () => {
      server = await startTestServer({ scenario: { W55: { seconds: 2, first: 1 } } });
      const result = await run({ server: server.url, audio, stallMs: 1000 });
      expect(result).toMatchObject({ words: spoken, reason: "complete", reconnects: 1, gaps: 0 });
    });

    it("sends the key in the query, where no header can be set", async () => {
      server = await startTestServer({ keys: ["fw_a key&more"] });
      const result = await run({ server: server.url, audio, key: "fw_a key&more" });
      expect(result).toMatchObject({ words: spoken, reason: "complete", reconnects: 0 });
    });

    it("fails with what it can have been, and without the key, when it is not let in (W1)", async () => {
      server = await startTestServer({ keys: ["another"] });
      const { reason, error } = await run({ server: server.url, audio, key: "fw_wrong" });
      expect([reason, error?.code]).toEqual(["failed", "network"]);
      expect(error?.message).toMatch(/key .* refused, or the service withdrawn/u);
      expect(error?.message).not.toContain("fw_wrong");
    });
  });
}

it("brings no package and nothing of Node into a bundle", async () => {
  const entry = fileURLToPath(new URL("../../src/browser.ts", import.meta.url));
  const { metafile, outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.length).toBeGreaterThan(30);
  expect(
    inputs.filter((path) => !/(^|\/)src\//u.test(path) || path.includes("node_modules")),
  ).toEqual([]);
  expect(outputFiles[0]?.text).not.toMatch(/\b(Buffer|process|require)\b[.(]/u);
});

it("says what is missing on a platform without a WebSocket", () => {
  vi.stubGlobal("WebSocket", undefined);
  try {
    const service = serverService("http://127.0.0.1:1");
    expect(() => openSession({ service })).toThrow(/must have a WebSocket; before Node 22/u);
  } finally {
    vi.unstubAllGlobals();
  }
});
