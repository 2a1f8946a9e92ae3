/** Drops in mid-sentence with the real recognizer on the other side. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toChunks } from "../src/resample/chunks.ts";
import { openEngine } from "../src/server/engine/engine.ts";
import type { Recognizer } from "../src/server/recognizer.ts";
import { startServer, type RunningServer } from "../src/server/server.ts";
import { startChaosProxy, type ChaosKind } from "../src/server/testing/chaos-proxy.ts";
import { serverService } from "../src/service.ts";
import { TranscriptCollector } from "../src/stream/core/collect.ts";
import type { SessionEvent } from "../src/stream/core/events.ts";
import { transcribeChunks } from "../src/stream/transcribe.ts";
import { type Transcript, transcriptText, transcriptWords } from "../src/transcript.ts";
import { fixture } from "./cli/built.ts";
import { normalizeWords } from "./word-errors.ts";

let engine: Recognizer;
let server: RunningServer;
let undisturbed: string;
beforeAll(async () => {
  engine = await openEngine({ model: "tiny" });
  await engine.ready();
  server = await startServer({ recognizer: engine });
  undisturbed = wordsOf((await transcribe(server.url)).transcript);
});
afterAll(async () => {
  await server.close();
  await engine.close();
});

function wordsOf(transcript: Transcript): string {
  return normalizeWords(transcriptText(transcript)).join(" ");
}

async function transcribe(url: string) {
  const collector = new TranscriptCollector();
  const events: SessionEvent[] = [];
  const chunks = toChunks(fixture("reading.wav"));
  for await (const event of transcribeChunks(chunks, { service: serverService(url), pace: 4 })) {
    collector.push(event);
    if (event.type !== "interim") events.push(event);
  }
  return { transcript: collector.transcript(), events };
}

const cuts: readonly [kind: ChaosKind, afterSeconds: readonly number[]][] = [
  ["reset", [1.2]],
  ["close", [5.5, 3.5]],
  ["reset", [9.3, 4.1, 6.2]],
  ["truncate", [14.8]],
];

describe("a connection that breaks in mid-sentence", () => {
  it.each(cuts)("by %s after %j seconds loses and doubles no word", async (kind, seconds) => {
    const proxy = await startChaosProxy({
      target: server.url,
      faults: seconds.map((after, i) => {
        return { kind, afterBytes: Math.round(after * 32_000), connections: [i + 1] };
      }),
    });
    const { transcript, events } = await transcribe(proxy.url);
    await proxy.close();
    const end = events.at(-1);
    expect(end).toMatchObject({ type: "end", reason: "complete", gaps: 0 });
    expect(proxy.events.length).toBe(seconds.length);
    expect(wordsOf(transcript)).toBe(undisturbed);
    const starts = transcriptWords(transcript).map((word) => word.start ?? Number.NaN);
    expect(starts.every((start, i) => start >= (starts[i - 1] ?? 0))).toBe(true);
  });
});
