/** The lines of `live --jsonl` are public: programs of other people read them. */
import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  speakTones,
  startChaosProxy,
  startTestServer,
  type ChaosProxy,
  type RunningServer,
} from "../../../src/server/testing.ts";
import { everyword, startEveryword, temporaryFolder } from "../built.ts";
import { toneFile } from "../tones.ts";

type Line = Readonly<Record<string, unknown>> & { readonly type: string };

/** Every key that may stand in an event of each type. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  connected: ["type", "connection"],
  interim: ["type", "segment", "text", "words"],
  final: ["type", "segment", "text", "words"],
  gap: ["type", "start", "end", "reason"],
  reconnecting: ["type", "attempt", "delayMs", "cause"],
  reconnected: ["type", "connection", "replayedSeconds"],
  warning: ["type", "code", "message"],
  end: ["type", "reason", "audioSeconds", "words", "gaps", "reconnects"],
};

const TEXT = "every word is said once | and none is lost | when the line drops | here or there";
let server: RunningServer;
let proxy: ChaosProxy;
beforeAll(async () => {
  server = await startTestServer();
  proxy = await startChaosProxy({
    target: server.url,
    faults: [{ kind: "reset", afterBytes: 130_000, connections: [1] }],
  });
});
afterAll(async () => {
  await proxy.close();
  await server.close();
});

it("prints one event a line in the public shape, each word in exactly one final, over a drop", async () => {
  const path = toneFile(temporaryFolder(), "talk.wav", TEXT);
  const ran = await everyword(["live", path, "--jsonl", "--pace", "4", "--server", proxy.url]);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  const lines = ran.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
  for (const line of lines) expect(Object.keys(line)).toEqual(KEYS[line.type]);
  const types = lines.map(({ type }) => type);
  expect(new Set(types)).toEqual(
    new Set(["connected", "interim", "final", "reconnecting", "reconnected", "end"]),
  );
  const finals = lines.filter(({ type }) => type === "final");
  const words = finals.flatMap(({ words: list }) => list as { text: string; start: number }[]);
  const spoken = speakTones(TEXT).words;
  expect(words.map(({ text }) => text)).toEqual(spoken.map(({ text }) => text));
  expect(
    words.every(({ start }, i) => Math.abs(start * 16_000 - (spoken[i]?.startFrame ?? 0)) <= 80),
  ).toBe(true);
  expect(lines.at(-1)).toMatchObject({ type: "end", reason: "complete", gaps: 0, reconnects: 1 });
  expect(lines.at(-1)?.["words"]).toBe(words.length);
});

it("ends with the reason interrupted after Ctrl-C, when all audio up to there was answered", async () => {
  const path = toneFile(temporaryFolder(), "long.wav", "one two three | ".repeat(30));
  const child = startEveryword(["live", path, "--jsonl", "--pace", "4", "--server", server.url]);
  let stdout = "";
  child.stdout.on("data", (text: Buffer) => {
    const isFirst = !stdout.includes('"final"');
    stdout += text.toString();
    if (isFirst && stdout.includes('"final"')) child.kill("SIGINT");
  });
  const [code] = (await once(child, "close")) as [number];
  const last = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Line;
  // Not what lies ahead in the file: 2 s were heard by then, and half a second is on its way.
  expect(last["audioSeconds"]).toBeLessThan(10);
  expect(last).toMatchObject({ type: "end", reason: "interrupted", gaps: 0 });
  expect(code).toBe(130);
});
