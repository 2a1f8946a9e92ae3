import { connect } from "node:net";
import { expect, test } from "vitest";
import type { Recognizer } from "../../../src/server/recognizer.ts";
import { createDice } from "../../../src/server/faults/dice.ts";
import { createToneRecognizer, speakTones } from "../../../src/server/testing.ts";
import { dial } from "../support/plain-client.ts";
import { ask, serverForEachTest, transcribe } from "../support/running.ts";

const start = serverForEachTest();

/** Counts the streams that are open. */
function counting(): { recognizer: Recognizer; open: () => number } {
  const tones = createToneRecognizer();
  const streams = new Set<object>();
  const recognizer: Recognizer = {
    ...tones,
    openStream(options, onUpdate) {
      const stream = tones.openStream(options, onUpdate);
      const counted = {
        push: (samples: Int16Array) => stream.push(samples),
        drain: () => stream.drain(),
        finish: () => stream.finish(),
        behindSeconds: () => stream.behindSeconds(),
        close() {
          streams.delete(counted);
          stream.close();
        },
      };
      streams.add(counted);
      return counted;
    },
  };
  return { recognizer, open: () => streams.size };
}

/** A handshake that is let in and then fails in the WebSocket layer, or whose client is gone. */
function brokenHandshake(port: number, key: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.write(
      `GET /v1/audio/transcriptions/streaming HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    if (key.length > 4) socket.resetAndDestroy();
    else socket.resume();
  });
}

/** Asks the server until it counts no stream, for ten seconds at most; how many are still held then. */
async function heldAtRest(url: string, open: () => number): Promise<number> {
  const endMs = performance.now() + 10_000;
  while (performance.now() < endMs) {
    const { text } = await ask(`${url}/metrics`);
    if (open() === 0 && text.includes("everyword_streams 0\n")) break;
  }
  return open();
}

test("however streams, handshakes and files end, the recognizer gets every stream back (seed 11)", async () => {
  const { recognizer, open } = counting();
  const { url, port } = await start({ recognizer, maxStreams: 1000 });
  const dice = createDice(11);
  const { samples } = speakTones("open and shut");
  const one = async (): Promise<unknown> => {
    const kind = Math.floor(dice() * 6);
    if (kind === 0) return brokenHandshake(port, "bad");
    if (kind === 1) return brokenHandshake(port, "AAAAAAAAAAAAAAAAAAAAAA==");
    if (kind === 2) return transcribe(url, "file", dice() < 0.5 ? [["language", "de"]] : []);
    const stream = await dial(url);
    stream.sendAudio(samples);
    if (kind === 3) stream.sendJson({ event_id: "", object: "stt.state.clear", reset_id: "r" });
    if (kind === 4) await stream.finish();
    if (dice() < 0.5) stream.socket.terminate();
    else stream.socket.close();
    return stream.closed;
  };
  for (let round = 0; round < 15; round++) {
    await Promise.all(Array.from({ length: 10 }, one));
  }
  expect(await heldAtRest(url, open)).toBe(0);
});

test("a client that is gone before its handshake is answered holds no stream", async () => {
  const { recognizer, open } = counting();
  const { url, port } = await start({ recognizer, maxStreams: 1000 });
  await Promise.all(
    Array.from({ length: 300 }, () => brokenHandshake(port, "AAAAAAAAAAAAAAAAAAAAAA==")),
  );
  expect(await heldAtRest(url, open)).toBe(0);
});
