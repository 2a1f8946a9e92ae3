import { afterEach, describe, expect, it } from "vitest";
import type { SessionEvent } from "../../src/stream/core/events.ts";
import { transcribeChannels } from "../../src/stream/channels.ts";
import { startWordServer, wordAudio, type WordServer } from "./word-server.ts";

let server: WordServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function* chunksOf(audio: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < audio.length; at += 6400) yield audio.subarray(at, at + 6400);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield wordAudio(1);
  throw new Error("the line broke");
}

describe("several channels", () => {
  it("become one stream of events in the order of speech, with the channel as speaker", async () => {
    server = await startWordServer();
    const events: SessionEvent[] = [];
    const channels = { agent: chunksOf(wordAudio(6)), customer: chunksOf(wordAudio(4, 101)) };
    // As long as it may be: no final has to leave early, however slow the machine.
    const options = { service: server.service, pace: "max", orderMs: 30_000 } as const;
    for await (const event of transcribeChannels(channels, options)) events.push(event);
    const words = events.flatMap((event) => (event.type === "final" ? event.words : []));
    const spoken = (speaker: string): string[] =>
      words.filter((word) => word.speaker === speaker).map((word) => word.text);
    expect(spoken("agent")).toEqual(["word1", "word2", "word3", "word4", "word5", "word6"]);
    expect(spoken("customer")).toEqual(["word101", "word102", "word103", "word104"]);
    const finals = events.flatMap((event) => (event.type === "final" ? [event] : []));
    const starts = finals.map((event) => event.words[0]?.start ?? 0);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(finals[0]?.segment).toMatch(/^(agent|customer)\/1:0$/u);
    const connected = events.flatMap((event) => (event.type === "connected" ? [event] : []));
    expect(new Set(connected.map((event) => event.channel))).toEqual(
      new Set(["agent", "customer"]),
    );
    expect(events.filter((event) => event.type === "end")).toEqual([
      { type: "end", reason: "complete", audioSeconds: 3, words: 10, gaps: 0, reconnects: 0 },
    ]);
  });

  it("end together when one of them fails", async () => {
    server = await startWordServer();
    const options = { service: server.service };
    const events: SessionEvent[] = [];
    const reading = (async () => {
      const channels = { agent: chunksOf(wordAudio(200)), customer: broken() };
      for await (const event of transcribeChannels(channels, options)) events.push(event);
    })();
    await expect(reading).rejects.toThrow("the line broke");
    expect(events.at(-1)).toMatchObject({ type: "end", reason: "aborted" });
  });

  it("must be one or more", async () => {
    server = await startWordServer();
    const none = transcribeChannels({}, { service: server.service });
    await expect(none.next()).rejects.toThrow(RangeError);
  });
});
