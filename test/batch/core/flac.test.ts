import { expect, test } from "vitest";
import { FLAC_BLOCK, flacFrame, flacHeader } from "../../../src/batch/core/flac.ts";
import { toChunks } from "../../../src/resample/chunks.ts";
import { speakTones } from "../../../src/server/tone-speech.ts";
import { seeded } from "../random.ts";
import { temporaryFile } from "../script-server.ts";

function encode(samples: Int16Array): Uint8Array {
  const pieces = [flacHeader(samples.length, 16_000)];
  for (let at = 0, number = 0; at < samples.length; at += FLAC_BLOCK, number += 1) {
    pieces.push(flacFrame(samples.subarray(at, at + FLAC_BLOCK), number).slice());
  }
  return Buffer.concat(pieces);
}

/** By a decoder that is not ours. */
async function decode(flac: Uint8Array): Promise<Int16Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of toChunks(await temporaryFile(flac, "a.flac"))) chunks.push(chunk);
  const bytes = Uint8Array.from(Buffer.concat(chunks));
  return new Int16Array(bytes.buffer);
}

function made(length: number, sample: (at: number) => number): Int16Array {
  return Int16Array.from({ length }, (_, at) => sample(at));
}

const random = seeded(1);

test.each([
  ["silence", made(10_000, () => 0)],
  ["one sample", made(1, () => -32_768)],
  ["a few samples", made(5, (at) => at * 1000)],
  ["a short last block", made(FLAC_BLOCK + 1, (at) => at)],
  ["full noise", made(20_000, () => Math.floor(random() * 65_536) - 32_768)],
  ["a square wave from end to end", made(9000, (at) => (at % 20 < 10 ? 32_767 : -32_768))],
  ["a sine", made(50_000, (at) => Math.round(20_000 * Math.sin(at / 10)))],
  ["noise that swells", made(70_000, (at) => Math.round((random() - 0.5) * at))],
  ["tones", speakTones("alpha bravo | charlie").samples],
  ["many frames", made(FLAC_BLOCK * 300, (at) => Math.round(3000 * Math.sin(at / 50) * random()))],
])("%s comes back sample for sample from another decoder", async (_name, samples) => {
  const flac = encode(samples);
  const back = await decode(flac);
  const most = samples.length * 2 + 42 + Math.ceil(samples.length / FLAC_BLOCK) * 20;
  expect([
    Buffer.compare(Buffer.from(back.buffer), Buffer.from(samples.slice().buffer)),
    flac.length <= most,
  ]).toEqual([0, true]);
});
