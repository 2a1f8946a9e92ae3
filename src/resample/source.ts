/** Where audio comes from: a path, a file URL, bytes, or any kind of stream, as one async iterable. */
import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { type ReadableStream } from "node:stream/web";
import { fileURLToPath } from "node:url";
import { EverywordError, messageOf } from "../errors.ts";
import { concat } from "./core/header.ts";

/** Audio to read: a path, a `file:` URL, bytes, a web stream, or any async iterable of bytes. */
export type AudioSource =
  | string
  | URL
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

/** Bytes of one read of a file. */
const READ_BYTES = 256 * 1024;

/** A source as it is read: what to call it, and its bytes; a block is valid until the next is asked for. */
export interface OpenSource {
  /** The file's name, or "the audio". Never a whole path. */
  readonly name: string;
  /** The file, when the source is one. */
  readonly path: string | undefined;
  readonly blocks: AsyncIterable<Uint8Array>;
}

/** @throws {TypeError} when this is nothing that bytes can be read from. */
export function openSource(source: AudioSource): OpenSource {
  if (typeof source === "string" || source instanceof URL) {
    const path = source instanceof URL ? fileURLToPath(source) : source;
    return { name: basename(path), path, blocks: readFile(path) };
  }
  const blocks = source instanceof Uint8Array ? once(source) : source;
  if (!(Symbol.asyncIterator in Object(blocks))) {
    throw new TypeError(
      "Cannot read audio: the source must be a path, a file: URL, bytes, or an async iterable of " +
        `bytes, got ${source === null ? "null" : typeof source}`,
    );
  }
  return { name: "the audio", path: undefined, blocks };
}

/** An error that says what could not be read, why, and what helps. */
export function unreadable(name: string, reason: string, cause?: unknown): EverywordError {
  return new EverywordError("input-unreadable", `Cannot read ${name}: ${reason}.`, { cause });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

async function* readFile(path: string): AsyncGenerator<Uint8Array, void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw fileFault(path, error);
  } finally {
    await file?.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file; check the path",
  ENOTDIR: "there is no such file; check the path",
  EISDIR: "it is a folder; name a file in it",
  EACCES: "permission was denied; check who may read it",
  EPERM: "permission was denied; check who may read it",
};

function fileFault(path: string, error: unknown): EverywordError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return unreadable(basename(path), REASONS[code] ?? messageOf(error), error);
}

/**
 * Reads with an end to waiting: when the signal fires, the read that hangs is left behind, the
 * source is told to stop, and the signal's reason is thrown as it is.
 */
export async function* abortable(
  blocks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  if (signal === undefined) {
    yield* blocks;
    return;
  }
  signal.throwIfAborted();
  const iterator = blocks[Symbol.asyncIterator]();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
  aborted.catch(() => undefined);
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await Promise.race([iterator.next(), aborted]);
      if (done === true) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
    // Not waited for: a generator that hangs in a read would hold its return back for ever.
    if (!ended) iterator.return?.()?.catch(() => undefined);
  }
}

/** A stream whose first blocks can be looked at, and read again as long as that is not much. */
export class Rewinder implements AsyncIterable<Uint8Array> {
  /** Most bytes that are kept to be read again. */
  static readonly KEPT_BYTES = 1024 * 1024;
  readonly #iterator: AsyncIterator<Uint8Array>;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #keeping = true;
  /** How many of the kept blocks were read. */
  #replayed = 0;
  #waiting = false;

  constructor(blocks: AsyncIterable<Uint8Array>) {
    this.#iterator = inPieces(blocks)[Symbol.asyncIterator]();
  }

  /** The first bytes, at least `count` unless the stream is shorter; they stay to be read. */
  async peek(count: number): Promise<Uint8Array> {
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < count) {
      const block = await this.#next();
      if (block === undefined) break;
      this.#keep(block);
      head = concat(head, block);
    }
    return head;
  }

  /** Begins again with the first byte; false when too much was read for that. */
  rewind(): boolean {
    this.#replayed = 0;
    return this.#keeping;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const again = this.#kept[this.#replayed];
      if (again !== undefined) {
        this.#replayed += 1;
        yield again;
        continue;
      }
      const block = await this.#next();
      if (block === undefined) return;
      this.#keeping &&= this.#keptBytes + block.length <= Rewinder.KEPT_BYTES;
      if (this.#keeping) {
        this.#keep(block);
        this.#replayed = this.#kept.length;
      } else this.#kept = [];
      yield block;
    }
  }

  /** Ends the stream below; not waited for when it hangs in a read. */
  async close(): Promise<void> {
    const closed = this.#iterator.return?.();
    if (this.#waiting) closed?.catch(() => undefined);
    else await closed;
  }

  async #next(): Promise<Uint8Array | undefined> {
    this.#waiting = true;
    try {
      const { done, value } = await this.#iterator.next();
      return done === true ? undefined : value;
    } finally {
      this.#waiting = false;
    }
  }

  #keep(block: Uint8Array): void {
    this.#keptBytes += block.length;
    this.#kept.push(block.slice());
  }
}

/** Blocks of at most {@link READ_BYTES}; empty ones are left out. */
async function* inPieces(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const block of blocks) {
    if (!(block instanceof Uint8Array)) {
      throw new TypeError(`Cannot read audio: the stream must give bytes, got ${typeof block}`);
    }
    for (let at = 0; at < block.length; at += READ_BYTES) {
      yield block.subarray(at, at + READ_BYTES);
    }
  }
}
