import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { SessionEvent } from "../../src/stream/core/events.ts";
import { openSession } from "../../src/stream/session.ts";
import { toWritableStream } from "../../src/stream/writable-stream.ts";
import { toWritable } from "../../src/stream/writable.ts";
import { startWordServer, wordAudio, type WordServer } from "./word-server.ts";

let server: WordServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function readAll(events: AsyncIterable<SessionEvent>): Promise<SessionEvent[]> {
  const all: SessionEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function startsOf(events: readonly SessionEvent[]): (number | undefined)[] {
  return events.flatMap((event) =>
    event.type === "final" ? event.words.map((word) => word.start) : [],
  );
}

describe("audio with a time of its own", () => {
  it("keeps its place behind a hole, short or long, and is not sent twice", async () => {
    server = await startWordServer();
    const session = openSession({ service: server.service, pace: "max" });
    const reading = readAll(session);
    const word = wordAudio(1);
    await session.writeAt(0, word);
    await session.writeAt(0.51, word);
    await session.writeAt(1.5, word);
    await session.writeAt(3600, word);
    await session.writeAt(3600, word);
    const outcome = await session.finish();
    expect(startsOf(await reading)).toEqual([0, 0.5, 1.5, 3600]);
    expect(outcome).toMatchObject({ audioSeconds: 3600.5, words: 4, gaps: [] });
    const sent = server.audioSizes.reduce((sum, size) => sum + size, 0);
    expect(sent).toBe(4 * word.length + 0.5 * 32_000 + 32_000);
  });

  it("goes on during a pause, which is a gap with exact bounds", async () => {
    server = await startWordServer();
    const session = openSession({ service: server.service, pace: "max" });
    const reading = readAll(session);
    await session.write(wordAudio(2));
    session.pause();
    await session.write(wordAudio(50));
    await new Promise((resolve) => setImmediate(resolve));
    session.resume();
    session.resume();
    await session.write(wordAudio(1, 3));
    const outcome = await session.finish();
    const starts = startsOf(await reading);
    const gap = outcome.gaps[0];
    expect(outcome.gaps).toHaveLength(1);
    expect(gap).toMatchObject({ start: 1, reason: "paused" });
    expect(starts).toEqual([0, 0.5, gap?.end]);
    expect(outcome.audioSeconds).toBe((gap?.end ?? 0) + 0.5);
  });
});

describe("a session at the end of a pipe", () => {
  it("takes a Node stream", async () => {
    server = await startWordServer();
    const session = openSession({ service: server.service, pace: "max" });
    await pipeline(Readable.from([wordAudio(3), wordAudio(2, 4)]), toWritable(session));
    expect(await session.outcome).toMatchObject({ reason: "complete", words: 5 });
  });

  it("takes a Web stream, and its abort", async () => {
    server = await startWordServer();
    const session = openSession({ service: server.service, pace: "max" });
    const writer = toWritableStream(session).getWriter();
    await writer.write(wordAudio(1));
    await writer.abort(new Error("enough"));
    expect((await session.outcome).reason).toBe("aborted");
  });
});
