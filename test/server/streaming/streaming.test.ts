import { afterEach, expect, test } from "vitest";
import { startServer, type RunningServer, type ServerOptions } from "../../../src/server/server.ts";
import { speakTones } from "../../../src/server/tone-speech.ts";
import { createToneRecognizer } from "../../../src/server/tones.ts";
import { dial, mergeById, mergedText, type WireMessage } from "../support/plain-client.ts";

const BOTH = "timestamp_granularities=word&timestamp_granularities=segment";
let server: RunningServer | undefined;

async function start(options: Partial<ServerOptions> = {}): Promise<string> {
  server = await startServer({ recognizer: createToneRecognizer(), drainMs: 0, ...options });
  return server.url;
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

function words(messages: readonly WireMessage[]): WireMessage[] {
  return [...mergeById(messages).values()].flatMap((segment) => segment["words"] as WireMessage[]);
}

test("a client that streams speech reads it back, final, in numbered segments (W10, W13, W16)", async () => {
  const stream = await dial(await start());
  stream.sendAudio(speakTones("good morning | how are you").samples);
  const messages = await stream.finish();
  expect(mergedText(messages)).toBe("good morning how are you");
  expect([...mergeById(messages).keys()]).toEqual([0, 1]);
  expect(words(messages).every((word) => word["is_final"] === true)).toBe(true);
});

test("times are exact and only there with both granularities, repeated or with a comma (W19)", async () => {
  const url = await start();
  const speech = speakTones("one two");
  const seen: unknown[] = [];
  for (const query of [
    BOTH,
    "timestamp_granularities=word,segment",
    "timestamp_granularities=word%2Csegment",
    "timestamp_granularities=word",
  ]) {
    const stream = await dial(url, { query });
    stream.sendAudio(speech.samples);
    seen.push(words(await stream.finish()).map((word) => word["start"]));
    stream.socket.close();
  }
  const starts = speech.words.map((word) => word.startFrame / 16_000);
  expect(seen).toEqual([starts, starts, [undefined, undefined], [undefined, undefined]]);
});

test("an interim is revised under its id before it is final (W15)", async () => {
  const stream = await dial(await start());
  stream.sendAudio(speakTones("revisions happen under the same number").samples);
  const messages = await stream.finish();
  const interims = messages.slice(0, -1).map((message) => message["text"]);
  expect(interims.length).toBeGreaterThan(1);
  expect(new Set(interims).size).toBe(interims.length);
  expect([...mergeById(messages).keys()]).toEqual([0]);
});

test("a message carries the last 25 s only; early segments have left its text (W10, W12)", async () => {
  const stream = await dial(await start());
  const speech = speakTones(Array.from({ length: 12 }, (_u, n) => `part${n} |`).join(" "), {
    pauseSeconds: 3,
  });
  stream.sendAudio(speech.samples, 6400);
  const messages = await stream.finish();
  expect(messages.at(-1)!["text"]).not.toContain("part0");
  expect(mergedText(messages).split(" ")).toEqual(speech.words.map((word) => word.text));
});

test("every trace is echoed in order, after what the audio before it said (W31)", async () => {
  const stream = await dial(await start());
  const speech = speakTones("alpha | beta | gamma");
  for (const [n, word] of speech.words.entries()) {
    const from = n === 0 ? 0 : speech.words[n - 1]!.endFrame + 16_160;
    stream.sendAudio(speech.samples.slice(from, word.endFrame + 16_160));
    stream.sendJson({ event_id: `e${n}`, object: "stt.input.trace", trace_id: `t${n}` });
  }
  await stream.next((message) => message["trace_id"] === "t2");
  const told = [0, 1, 2].map((n) => {
    const echo = stream.messages.findIndex((message) => message["trace_id"] === `t${n}`);
    return mergedText(stream.messages.slice(0, echo)).includes(speech.words[n]!.text);
  });
  expect(told).toEqual([true, true, true]);
  const echoes = stream.messages.flatMap((message) => message["trace_id"] ?? []);
  expect(echoes).toEqual(["t0", "t1", "t2"]);
});

test("the end marker finalizes and is echoed last, in its own form (W30)", async () => {
  const url = await start();
  const stream = await dial(url);
  stream.sendAudio(speakTones("tail", { tailSeconds: 0 }).samples);
  stream.sendJson({ event_id: "x", object: "stt.input.trace", trace_id: "final" });
  await stream.next((message) => message["trace_id"] === "final");
  expect(stream.messages.at(-1)).toEqual({
    event_id: "x",
    object: "stt.output.trace",
    trace_id: "final",
  });
  expect(mergedText(stream.messages)).toBe("tail");
  stream.sendJson({ checkpoint_id: "final" });
  await stream.next((message) => message["checkpoint_id"] === "final");
  expect(stream.messages.at(-1)).toEqual({ checkpoint_id: "final" });
});

test("ids and times begin anew on a second connection (W24)", async () => {
  const url = await start();
  const seen: unknown[] = [];
  for (let connection = 0; connection < 2; connection++) {
    const stream = await dial(url, { query: BOTH });
    stream.sendAudio(speakTones("again").samples);
    const [segment] = [...mergeById(await stream.finish()).values()];
    seen.push([segment!["id"], segment!["start"]]);
    stream.socket.close();
  }
  expect(seen).toEqual([
    [0, 0.2],
    [0, 0.2],
  ]);
});

test("every form of the key is let in, a wrong or missing one gets 401 (A1, A18)", async () => {
  const url = await start({ keys: ["fw_right"] });
  const forms = [
    { headers: { authorization: "fw_right" } },
    { headers: { Authorization: "Bearer fw_right" } },
    { query: "Authorization=fw_right" },
    { query: "Authorization=Bearer+fw_right" },
    { query: "authorization=Bearer%20fw_right" },
    { headers: { authorization: "fw_right" }, query: "Authorization=fw_wrong" },
    { query: "Authorization=fw_wrong" },
    {},
  ];
  const seen: unknown[] = [];
  for (const form of forms) {
    seen.push(
      await dial(url, form).then(
        (stream) => {
          stream.socket.close();
          return 101;
        },
        (error: { status: number }) => error.status,
      ),
    );
  }
  expect(seen).toEqual([101, 101, 101, 101, 101, 101, 401, 401]);
});

test("an eleventh connection is answered 429 with the rate headers (W3)", async () => {
  const url = await start();
  await Promise.all(Array.from({ length: 10 }, () => dial(url)));
  await expect(dial(url)).rejects.toMatchObject({
    status: 429,
    headers: { "x-ratelimit-over-limit": "yes", "retry-after": "1" },
  });
});

test("a language that the recognizer does not know is refused in words at the handshake", async () => {
  const refused = dial(await start(), { query: "language=de" });
  await expect(refused).rejects.toMatchObject({ status: 400, body: /it knows en/u });
});

test("how the bytes are cut into frames, odd ones included, changes no word (W38, P20)", async () => {
  const url = await start();
  const { samples } = speakTones("cut anywhere you like");
  const bytes = new Uint8Array(samples.buffer);
  const texts: unknown[] = [];
  for (const size of [1, 333, 1601, 100_001]) {
    const stream = await dial(url);
    for (let at = 0; at < bytes.length; at += size) stream.socket.send(bytes.slice(at, at + size));
    texts.push(mergedText(await stream.finish()));
    stream.socket.close();
  }
  expect(texts).toEqual(Array.from({ length: 4 }, () => "cut anywhere you like"));
});
