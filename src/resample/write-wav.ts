/** Chunks to a WAV file. */
import { type FileHandle, open, unlink } from "node:fs/promises";
import { basename } from "node:path";
import { EverywordError, messageOf } from "../errors.ts";
import { TARGET_RATE } from "./core/format.ts";
import { wavHeader } from "./core/wav-writer.ts";

/**
 * Writes chunks of 16 kHz mono s16le to a WAV file, in constant memory. An existing file is
 * replaced. When the chunks or the disk fail, the unfinished file is removed.
 *
 * @returns how much was written
 * @throws {EverywordError} `usage` when the file cannot be written; whatever the chunks throw
 * @example
 * await writeWav(toChunks("talk.m4a"), "talk.wav");
 */
export async function writeWav(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
): Promise<{ seconds: number; bytes: number }> {
  let file: FileHandle | undefined;
  try {
    // Asked for before the file is opened: a source that cannot be read leaves an old file alone.
    const iterator = chunks[Symbol.asyncIterator]();
    let next = await iterator.next();
    file = await openForWriting(path);
    let dataBytes = 0;
    await write(file, wavHeader(), path);
    while (next.done !== true) {
      await write(file, next.value, path);
      dataBytes += next.value.length;
      next = await iterator.next();
    }
    const header = wavHeader(dataBytes);
    await file.write(header, 0, header.length, 0);
    await file.close();
    return { seconds: dataBytes / 2 / TARGET_RATE, bytes: dataBytes + header.length };
  } catch (error) {
    if (file !== undefined) {
      await file.close();
      await unlink(path).catch(() => undefined);
    }
    throw error;
  }
}

async function openForWriting(path: string): Promise<FileHandle> {
  try {
    return await open(path, "w");
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function write(file: FileHandle, bytes: Uint8Array, path: string): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): EverywordError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "its folder does not exist; create it first",
    EACCES: "permission was denied; choose another place",
    EISDIR: "it is a folder; name a file in it",
    ENOSPC: "the disk is full; make room or choose another place",
  };
  const reason = reasons[code] ?? messageOf(error);
  return new EverywordError("usage", `Cannot write ${basename(path)}: ${reason}.`, {
    cause: error,
  });
}
