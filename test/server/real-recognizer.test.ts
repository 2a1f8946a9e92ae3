/** The same recording through every route: what the recognizer hears is what the client reads. */
import { EventEmitter, once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEngine } from "../../src/server/engine/engine.ts";
import type { Recognizer } from "../../src/server/recognizer.ts";
import { startServer, type RunningServer } from "../../src/server/server.ts";
import { readRecording } from "./engine/recording.ts";
import { dial, mergedText } from "./support/plain-client.ts";
import { ask, jobPath } from "./support/running.ts";

/** How long recognition may take on a busy machine. */
const PATIENCE_MS = 120_000;

const jobs = new EventEmitter();
let recognizer: Recognizer;
let server: RunningServer;

beforeAll(async () => {
  // Threads run the compiled worker: `npm test` builds it first.
  recognizer = await openEngine({ model: "tiny" });
  await recognizer.ready();
  server = await startServer({ recognizer, drainMs: 0, log: (line) => jobs.emit(line.event) });
}, 300_000);

afterAll(async () => {
  await server.close();
  await recognizer.close();
});

async function heardDirectly(samples: Int16Array): Promise<string> {
  const texts: string[] = [];
  const stream = recognizer.openStream({ interimSeconds: 0 }, (segment) => {
    if (segment.final) texts.push(segment.words.map((word) => word.text).join(" "));
  });
  stream.push(samples);
  await stream.finish();
  stream.close();
  return texts.join(" ");
}

async function heardLive(samples: Int16Array): Promise<string> {
  const stream = await dial(server.url);
  stream.sendAudio(samples);
  const text = mergedText(await stream.finish(PATIENCE_MS));
  stream.socket.close();
  return text;
}

async function formOf(name: string): Promise<FormData> {
  const path = fileURLToPath(new URL(`../fixtures/${name}.wav`, import.meta.url));
  const form = new FormData();
  form.append("file", new Blob([await readFile(path)]), `${name}.wav`);
  return form;
}

async function heardInFile(name: string): Promise<string> {
  const target = `${server.url}/v1/audio/transcriptions`;
  const { json } = await ask(target, {
    method: "POST",
    body: await formOf(name),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return String(json!["text"]);
}

async function heardInBatch(name: string): Promise<string> {
  const target = `${server.url}/v1/audio/transcriptions?endpoint_id=audio-prod`;
  const ended = once(jobs, "job-ended");
  const path = jobPath(await ask(target, { method: "POST", body: await formOf(name) }));
  await ended;
  for (let poll = 0; poll < 3; poll++) {
    const { json } = await ask(server.url + path);
    if (json!["status"] === "completed") {
      return (JSON.parse(String(json!["body"])) as { text: string }).text;
    }
  }
  throw new Error("the job ended and is not completed");
}

test(
  "sync, streaming and batch give the very text of the recognizer called directly",
  { timeout: 300_000 },
  async () => {
    const seen: string[][] = [];
    const expected: string[][] = [];
    for (const name of ["reading", "card-three"]) {
      const { samples } = readRecording(name);
      const direct = await heardDirectly(samples);
      expected.push([direct, direct, direct]);
      seen.push([await heardLive(samples), await heardInFile(name), await heardInBatch(name)]);
    }
    expect(seen).toEqual(expected);
    expect(seen[1]![0]).toMatch(/^Eight of spades/u);
  },
);

test("a language that the weights do not know is refused on every route", async () => {
  const live = await dial(server.url, { query: "language=ja" }).catch(
    (error: { status: number }) => error.status,
  );
  const form = await formOf("card-three");
  form.append("language", "ja");
  const target = `${server.url}/v1/audio/transcriptions`;
  const file = await ask(target, { method: "POST", body: form });
  expect([live, file.status]).toEqual([400, 400]);
});
