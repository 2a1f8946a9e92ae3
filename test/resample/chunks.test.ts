import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EverywordError } from "../../src/errors.ts";
import { toChannelChunks, toChunks } from "../../src/resample/chunks.ts";
import { type AudioWarning, type Progress } from "../../src/resample/options.ts";
import { ascii, collect, errorOf, fromS16le, join, pieces, tone, toS16le, wav } from "./signals.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), "everyword-test-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const SPEECH = toS16le(tone(16_000, 440, 3_000));

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = joinPath(folder, name);
  await writeFile(path, bytes);
  return path;
}

describe("toChunks", () => {
  it("cuts a 16 kHz WAV into chunks of 1600 bytes, the last one short, bit for bit", async () => {
    const chunks = await collect(toChunks(await file("plain.wav", wav(SPEECH))));
    expect(chunks.map(({ length }) => length)).toEqual([1_600, 1_600, 1_600, 1_200]);
    expect(join(chunks)).toEqual(SPEECH);
  });

  it("gives the same bytes for a path, a URL, bytes, and every kind of stream", async () => {
    const stereo = toS16le(tone(44_100, 300, 40_000));
    const bytes = wav(stereo, { rate: 44_100, channels: 2 });
    const path = await file("same.wav", bytes);
    const sources = [
      path,
      pathToFileURL(path),
      bytes,
      Buffer.from(bytes),
      Readable.from(pieces(bytes, 999)),
      ReadableStream.from(pieces(bytes, 4_321)),
      pieces(bytes, 1),
    ];
    const results = await Promise.all(
      sources.map(async (source) => join(await collect(toChunks(source)))),
    );
    expect(results).toEqual(results.map(() => results[0]));
    expect(results[0]).toHaveLength(2 * Math.ceil((20_000 * 16_000) / 44_100));
  });

  it("reads raw PCM of the format that is given", async () => {
    const format = { encoding: "s16le", rate: 16_000, channels: 1 } as const;
    const chunks = await collect(toChunks(pieces(SPEECH, 7), { format, chunkMs: 20 }));
    expect(chunks[0]).toHaveLength(640);
    expect(join(chunks)).toEqual(SPEECH);
  });

  it("mixes channels, or picks one, or gives each its own chunks", async () => {
    const frames = [100, 300, -200, 400, 32_767, 32_767];
    const bytes = wav(new Uint8Array(Int16Array.from(frames).buffer), { channels: 2 });
    const numbers = async (channel?: "average" | number): Promise<number[]> => [
      ...fromS16le(join(await collect(toChunks(bytes, { channel })))),
    ];
    expect(await numbers()).toEqual([200, 100, 32_767]);
    expect(await numbers(0)).toEqual([100, -200, 32_767]);
    expect(await numbers(1)).toEqual([300, 400, 32_767]);
    const split = await collect(toChannelChunks(bytes));
    expect(split.map((row) => row.map((chunk) => [...fromS16le(chunk)]))).toEqual([
      [
        [100, -200, 32_767],
        [300, 400, 32_767],
      ],
    ]);
  });

  it("ignores what follows the audio", async () => {
    const bytes = join([wav(SPEECH), ascii("LIST"), new Uint8Array(100)]);
    expect(join(await collect(toChunks(pieces(bytes, 50))))).toEqual(SPEECH);
  });

  it("keeps what a truncated file holds, and says so", async () => {
    const warnings: AudioWarning[] = [];
    const bytes = wav(SPEECH, { dataSize: 32_000 });
    const onWarning = (warning: AudioWarning): void => void warnings.push(warning);
    expect(join(await collect(toChunks(bytes, { onWarning })))).toEqual(SPEECH);
    expect(warnings).toMatchObject([{ code: "truncated", atSeconds: 3_000 / 16_000 }]);
  });

  it("tells how far it has come", async () => {
    const seen: Progress[] = [];
    await collect(toChunks(wav(SPEECH), { onProgress: (progress) => seen.push(progress) }));
    expect(seen.at(-1)).toEqual({ decodedSeconds: 0.1875, totalSeconds: 0.1875 });
  });

  it("hands out chunks that later ones do not overwrite", async () => {
    const chunks: Uint8Array[] = [];
    const copies: Uint8Array[] = [];
    for await (const chunk of toChunks(wav(SPEECH))) {
      chunks.push(chunk);
      copies.push(chunk.slice());
    }
    expect(chunks).toEqual(copies);
  });

  it.each([
    [
      "a missing file",
      "missing.wav",
      undefined,
      /^Cannot read missing\.wav: there is no such file/,
    ],
    [
      "a text file",
      "talk.wav",
      ascii("just some words, no audio at all in here"),
      /no audio that can be decoded/,
    ],
    ["a WAV without a sample", "empty.wav", wav(new Uint8Array(0)), /holds no audio/],
    ["an empty file", "nothing.wav", new Uint8Array(0), /it is empty/],
  ])("refuses %s in one sentence", async (_, name, bytes, words) => {
    const path = bytes === undefined ? joinPath(folder, name) : await file(name, bytes);
    const error = await errorOf(() => collect(toChunks(path)));
    expect(error).toBeInstanceOf(EverywordError);
    expect(error).toMatchObject({
      code: "input-unreadable",
      message: expect.stringMatching(words),
    });
    expect((error as Error).message).not.toContain(folder);
  });

  it("refuses a folder", async () => {
    const error = await errorOf(() => collect(toChunks(folder)));
    expect(error).toMatchObject({
      code: "input-unreadable",
      message: expect.stringContaining("folder"),
    });
  });

  it("says when the channel asked for does not exist", async () => {
    const error = await errorOf(() => collect(toChunks(wav(SPEECH), { channel: 3 })));
    expect(error).toMatchObject({ code: "usage", message: expect.stringContaining("one channel") });
  });

  it.each([
    [{ chunkMs: 19 }, RangeError],
    [{ chunkMs: 401 }, RangeError],
    [{ chunkMs: 50.5 }, RangeError],
    [{ channel: -1 }, RangeError],
    [{ format: { encoding: "s16le", rate: 1, channels: 1 } as const }, RangeError],
  ])("throws at once for the wrong option %j", (options, kind) => {
    expect(() => toChunks(SPEECH, options)).toThrow(kind);
  });

  it("throws at once for a source that holds no bytes", () => {
    expect(() => toChunks(42 as unknown as string)).toThrow(TypeError);
  });

  it("throws the signal's reason when it fires while the source hangs, and lets the source go", async () => {
    const controller = new AbortController();
    let returned = false;
    const hanging: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          controller.abort(new Error("enough"));
          return new Promise(() => undefined);
        },
        return: async () => {
          returned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const error = await errorOf(() => collect(toChunks(hanging, { signal: controller.signal })));
    expect(error).toBe(controller.signal.reason);
    expect(returned).toBe(true);
  });
});

describe("warnings", () => {
  it.each([
    ["clipping", 1, Int16Array.from({ length: 48_000 }, (_, i) => (i < 16_000 ? 100 : 32_767))],
    ["silence", 1, new Int16Array(16_000)],
    [
      "cancelling",
      2,
      Int16Array.from({ length: 64_000 }, (_, i) => (i % 2 === 0 ? 1 : -1) * ((i * 7) % 9_000)),
    ],
  ])("tell of %s once, in a sentence, and change nothing", async (code, channels, samples) => {
    const warnings: AudioWarning[] = [];
    const bytes = wav(new Uint8Array(samples.buffer), { channels });
    const chunks = await collect(
      toChunks(bytes, { onWarning: (warning) => warnings.push(warning) }),
    );
    expect(warnings).toMatchObject([{ code, message: expect.stringMatching(/^the audio .*\.$/) }]);
    expect(join(chunks)).toHaveLength(samples.byteLength / channels);
  });
});
