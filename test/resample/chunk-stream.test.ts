import { ReadableStream } from "node:stream/web";
import { describe, expect, it } from "vitest";
import { chunkStream } from "../../src/resample/chunk-stream.ts";
import { toChunks } from "../../src/resample/chunks.ts";
import { ascii, collect, errorOf, join, pieces, tone, toS16le, wav } from "./signals.ts";

const FILE = wav(toS16le(tone(48_000, 440, 60_000)), { rate: 48_000 });

describe("the chunk stream", () => {
  it.each([1_000, 7, 200_000])(
    "gives what toChunks gives, for writes of %i bytes",
    async (size) => {
      const chunks = await collect(
        ReadableStream.from(pieces(FILE, size)).pipeThrough(chunkStream()),
      );
      expect(chunks).toEqual(await collect(toChunks(FILE)));
    },
  );

  it("takes no more than it is asked for", async () => {
    let taken = 0;
    const counted = async function* (): AsyncGenerator<Uint8Array, void> {
      for await (const piece of pieces(FILE, 4_800)) {
        taken += piece.length;
        yield piece;
      }
    };
    const reader = ReadableStream.from(counted()).pipeThrough(chunkStream()).getReader();
    await reader.read();
    expect(taken).toBeLessThan(40_000);
    await reader.cancel();
  });

  it("takes what follows the audio without a fault", async () => {
    const longer = join([FILE, ascii("LIST"), new Uint8Array(50_000)]);
    const chunks = await collect(
      ReadableStream.from(pieces(longer, 1_000)).pipeThrough(chunkStream()),
    );
    expect(join(chunks)).toHaveLength(40_000);
  });

  it("passes a failing source on to the reader", async () => {
    const failure = new Error("the line went dead");
    const dying = async function* (): AsyncGenerator<Uint8Array, void> {
      yield FILE.subarray(0, 10_000);
      throw failure;
    };
    const stream = ReadableStream.from(dying()).pipeThrough(chunkStream());
    expect(await errorOf(() => collect(stream))).toBe(failure);
  });

  it("refuses what is no audio, to the reader and to the writer", async () => {
    const { readable, writable } = chunkStream({ decoder: "native" });
    const writer = writable.getWriter();
    const written = errorOf(async () => {
      for (let i = 0; i < 100; i++) await writer.write(ascii("RIFF, but nothing more of a WAV"));
    });
    const error = await errorOf(() => collect(readable));
    expect(error).toMatchObject({ code: "input-unreadable" });
    expect(await written).toBe(error);
  });

  it("lets the writer know when the reader has gone", async () => {
    const { readable, writable } = chunkStream();
    const writer = writable.getWriter();
    const written = errorOf(async () => {
      for (let at = 0; at < FILE.length; at += 1_000)
        await writer.write(FILE.subarray(at, at + 1_000));
    });
    const reader = readable.getReader();
    await reader.read();
    const gone = new Error("gone");
    await reader.cancel(gone);
    expect(await written).toBe(gone);
  });

  it("throws at once for a wrong option", () => {
    expect(() => chunkStream({ chunkMs: 7 })).toThrow(RangeError);
  });
});
