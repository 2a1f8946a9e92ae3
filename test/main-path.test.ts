/** The main job with nothing replaced: recording -> chunks -> WebSocket -> server -> recognizer -> words. */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toChunks } from "../src/resample/chunks.ts";
import { openEngine } from "../src/server/engine/engine.ts";
import type { RecognizedSegment, Recognizer } from "../src/server/recognizer.ts";
import { startServer, type RunningServer } from "../src/server/server.ts";
import { serverService } from "../src/service.ts";
import { TranscriptCollector } from "../src/stream/core/collect.ts";
import { transcribeChunks } from "../src/stream/transcribe.ts";
import { transcriptText, transcriptWords } from "../src/transcript.ts";
import { fixture } from "./cli/built.ts";
import { countWordErrors } from "./word-errors.ts";

const names = readdirSync(fixture("."))
  .filter((name) => name.endsWith(".wav"))
  .map((name) => name.slice(0, -4));

let engine: Recognizer;
let server: RunningServer;
beforeAll(async () => {
  engine = await openEngine({ model: "base" });
  await engine.ready();
  server = await startServer({ recognizer: engine });
}, 300_000);
afterAll(async () => {
  await server.close();
  await engine.close();
});

async function direct(path: string): Promise<string> {
  const segments = new Map<number, RecognizedSegment>();
  const stream = engine.openStream({ interimSeconds: 0 }, (segment) => {
    segments.set(segment.index, segment);
  });
  for await (const chunk of toChunks(path)) {
    stream.push(new Int16Array(chunk.slice().buffer));
  }
  await stream.finish();
  stream.close();
  return [...segments.values()]
    .flatMap((segment) => segment.words.map((word) => word.text))
    .join(" ");
}

async function throughTheWholePath(path: string) {
  const collector = new TranscriptCollector();
  const service = serverService(server.url);
  for await (const event of transcribeChunks(toChunks(path), { service, pace: "max" })) {
    collector.push(event);
  }
  return collector.transcript();
}

describe("a recording of human speech", { timeout: 300_000 }, () => {
  it.each(names)(
    "%s comes through the whole path as the recognizer alone hears it",
    async (name) => {
      const path = fixture(`${name}.wav`);
      const transcript = await throughTheWholePath(path);
      expect(transcriptText(transcript)).toBe(await direct(path));
      const words = transcriptWords(transcript);
      const times = words.map((word) => [word.start ?? Number.NaN, word.end ?? Number.NaN]);
      const ordered = times.every(
        ([start = Number.NaN, end = Number.NaN], i) =>
          start < end &&
          start >= (times[i - 1]?.[0] ?? 0) &&
          end <= (transcript.duration ?? 0) + 0.02,
      );
      expect({ ordered, times }).toMatchObject({ ordered: true });
    },
  );

  it("is transcribed with at most one word in twenty wrong", async () => {
    let words = 0;
    let errors = 0;
    for (const name of names) {
      const reference = readFileSync(fixture(`${name}.txt`), "utf8");
      const counted = countWordErrors(reference, await direct(fixture(`${name}.wav`)));
      words += counted.words;
      errors += counted.errors;
    }
    expect(errors / words).toBeLessThanOrEqual(0.05);
  });
});
