import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Parser, type ReadEntry } from "tar";
import { EverywordError } from "../../errors.ts";
import type { ModelArchive, ModelFile } from "./catalog.ts";
import { formatTokenTable, readVocabulary } from "./core/token-table.ts";
import type { NpmSettings } from "./npm-settings.ts";

/** How far a download is. */
export interface PullProgress {
  /** The package that is being read. */
  readonly file: string;
  /** Bytes of it that are here. */
  readonly receivedBytes: number;
  /** Its size, where the registry tells. */
  readonly totalBytes?: number;
}

export interface FetchOptions {
  readonly settings: NpmSettings;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
}

interface Pacote {
  readonly tarball: {
    stream<T>(
      spec: string,
      handler: (stream: NodeJS.ReadableStream) => Promise<T>,
      options: NpmSettings,
    ): Promise<T>;
  };
}

/**
 * Takes `files` out of one tarball of the registry into `directory`. Each is written beside its
 * place, compared with its digest, and renamed, so that a file with the right name is always whole.
 * @throws EverywordError `recognizer` when a digest differs or a file is missing from the tarball.
 */
export async function fetchArchive(
  archive: ModelArchive,
  files: readonly ModelFile[],
  directory: string,
  options: FetchOptions,
): Promise<void> {
  const require = createRequire(import.meta.url);
  const pacote = require("pacote") as Pacote;
  options.onProgress?.({ file: archive.spec, receivedBytes: 0, totalBytes: archive.bytes });
  await pacote.tarball.stream(
    archive.spec,
    (tarball) => takeFiles(tarball, archive, files, directory, options),
    { ...options.settings, integrity: archive.integrity, preferOffline: true },
  );
}

async function takeFiles(
  tarball: NodeJS.ReadableStream,
  archive: ModelArchive,
  files: readonly ModelFile[],
  directory: string,
  options: FetchOptions,
): Promise<void> {
  const wanted = new Map(files.map((file) => [file.path, file]));
  const written: Promise<ModelFile>[] = [];
  const suffix = `.${process.pid}-${performance.now().toString(36).replace(".", "")}.part`;
  const parser = new Parser({
    filter: (path) => wanted.has(path),
    onReadEntry: (entry) => {
      const file = wanted.get(entry.path);
      if (file === undefined) return;
      const writing = writeEntry(entry, file, join(directory, file.name + suffix));
      // Awaited below; without this a second failure would be an unhandled rejection.
      writing.catch(() => undefined);
      written.push(writing);
    },
  });
  try {
    await pump(tarball, parser, archive, options);
    const done = await Promise.all(written);
    for (const file of files) {
      if (!done.includes(file)) {
        throw new EverywordError(
          "recognizer",
          `${archive.spec} does not hold ${file.path}; check which registry npm is set to.`,
        );
      }
      await rename(join(directory, file.name + suffix), join(directory, file.name));
    }
  } finally {
    await Promise.allSettled(written);
    for (const file of files) await rm(join(directory, file.name + suffix), { force: true });
  }
}

/** By events, because iterating this kind of stream gives the whole tarball as one chunk. */
function pump(
  tarball: NodeJS.ReadableStream,
  parser: Parser,
  archive: ModelArchive,
  { signal, onProgress }: FetchOptions,
): Promise<void> {
  let receivedBytes = 0;
  return new Promise((resolve, reject) => {
    parser.on("drain", () => tarball.resume());
    parser.on("end", resolve);
    parser.on("error", reject);
    tarball.on("error", reject);
    tarball.on("end", () => {
      parser.end();
    });
    tarball.on("data", (chunk: Buffer) => {
      if (signal?.aborted === true) {
        tarball.pause();
        reject(signal.reason as Error);
        return;
      }
      receivedBytes += chunk.byteLength;
      onProgress?.({ file: archive.spec, receivedBytes, totalBytes: archive.bytes });
      if (!parser.write(chunk)) tarball.pause();
    });
  });
}

async function writeEntry(entry: ReadEntry, file: ModelFile, path: string): Promise<ModelFile> {
  const hash = createHash("sha256");
  if (file.made === "token-table") {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk);
    const table = formatTokenTable(readVocabulary(Buffer.concat(chunks).toString("utf8")));
    hash.update(table);
    await writeFile(path, table);
  } else {
    const digest = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(undefined, chunk);
      },
    });
    await pipeline(Readable.from(entry), digest, createWriteStream(path));
  }
  if (hash.digest("hex") !== file.sha256) {
    throw new EverywordError(
      "recognizer",
      `${file.path} of ${file.archive.spec} is not the file that was pinned; ` +
        "check which registry npm is set to.",
    );
  }
  return file;
}

/** The SHA-256 of a file on disk, in hexadecimal. */
export async function fileDigest(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
