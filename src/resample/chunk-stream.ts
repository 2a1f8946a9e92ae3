/** The same pipeline as a web stream, for code that pipes. */
import { toChunks } from "./chunks.ts";
import { type ChunkOptions } from "./options.ts";

/** What `pipeThrough` takes. */
export interface ChunkStream {
  /** Bytes of any audio: a WAV, a compressed file, or raw PCM when `format` is given. */
  readonly writable: WritableStream<Uint8Array>;
  /** Chunks of 16 kHz mono s16le. */
  readonly readable: ReadableStream<Uint8Array>;
}

/**
 * A transform from bytes of audio to chunks, with back-pressure from end to end: a write is done
 * when its bytes were read. An error of either side reaches the other; canceling the readable lets
 * later writes fail.
 *
 * @throws {TypeError | RangeError} when an option is wrong
 * @example
 * const response = await fetch(url);
 * if (response.body === null) throw new Error("no audio");
 * for await (const chunk of response.body.pipeThrough(chunkStream())) await session.write(chunk);
 */
export function chunkStream(options: ChunkOptions = {}): ChunkStream {
  const link = new Handover();
  const chunks = toChunks(link, options);
  const writable = new WritableStream<Uint8Array>({
    write: async (bytes) => link.give(bytes),
    close: () => {
      link.end();
    },
    abort: (reason) => {
      link.fail(reason);
    },
  });
  const readable = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await chunks.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          link.fail(error);
          controller.error(error);
        }
      },
      cancel: async (reason) => {
        link.fail(reason ?? new Error("the reader has gone"));
        await chunks.return();
      },
    },
    // Nothing is made before it is asked for.
    { highWaterMark: 0 },
  );
  return { writable, readable };
}

/** One block handed from a writer to a reader at a time: a give is done when the next is asked for. */
class Handover implements AsyncIterable<Uint8Array> {
  #block: Uint8Array | undefined;
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;
  #taken: (() => void) | undefined;
  #given: (() => void) | undefined;

  async give(block: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.reason;
    if (this.#ended || block.length === 0) return;
    this.#block = block;
    this.#given?.();
    await new Promise<void>((resolve) => {
      this.#taken = resolve;
    });
    // Read again: it may have failed while this waited.
    const failure = this.#fault();
    if (failure !== undefined) throw failure.reason;
  }

  end(): void {
    this.#ended = true;
    this.#given?.();
  }

  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#given?.();
    this.#taken?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        const failure = this.#fault();
        if (failure !== undefined) throw failure.reason;
        const block = this.#block;
        if (block !== undefined) {
          this.#block = undefined;
          yield block;
          this.#taken?.();
        } else if (this.#ended) return;
        else {
          await new Promise<void>((resolve) => {
            this.#given = resolve;
          });
        }
      }
    } finally {
      // What is written after the audio's end is taken and dropped.
      this.#ended = true;
      this.#taken?.();
    }
  }

  #fault(): { readonly reason: unknown } | undefined {
    return this.#failure;
  }
}
