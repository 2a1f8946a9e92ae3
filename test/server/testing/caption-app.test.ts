/** The example of docs/server.md: an application's own test, with the connection lost in mid-sentence. */
import { afterEach, expect, test } from "vitest";
import { serverService, toChunks, transcribeChunks, type Word } from "../../../src/index.ts";
import {
  assertTranscript,
  speakTones,
  startChaosProxy,
  startTestServer,
  wavBytes,
} from "../../../src/server/testing.ts";

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** The application under test: live audio in, caption words out. */
async function captionWords(url: string, audio: AsyncIterable<Uint8Array>): Promise<Word[]> {
  const words: Word[] = [];
  for await (const event of transcribeChunks(audio, { service: serverService(url) })) {
    if (event.type === "final") words.push(...event.words);
  }
  return words;
}

test("no caption word is lost, doubled or late when the connection drops in mid-sentence", async () => {
  const server = await startTestServer();
  cleanUps.push(() => server.close());
  const proxy = await startChaosProxy({
    target: server.url,
    seed: 7,
    faults: [{ kind: "reset", afterBytes: [30_000, 60_000], connections: [1] }],
  });
  cleanUps.push(() => proxy.close());

  const speech = speakTones("the quick brown fox jumps over the lazy dog and runs away from it");
  const words = await captionWords(proxy.url, toChunks(wavBytes(speech.samples)));

  assertTranscript(words, speech.words);
  expect(proxy.events.map((event) => event.kind)).toEqual(["reset"]);
  expect(proxy.connections).toBe(2);
});
