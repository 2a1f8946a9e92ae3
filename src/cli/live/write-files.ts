/**
 * `--write FILE` while people speak. A caption file grows by whole cues with each final, each in one
 * write, so it is valid after every final and after a kill; JSON is whole only at its end and is
 * written then, in one piece.
 */
import { access, constants, open, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { FormatName, FormatOptions } from "../../captions/formats.ts";
import { createCueSink, SINK_FORMATS, type CueSink, type SinkFormat } from "../../captions/sink.ts";
import { EverywordError } from "../../errors.ts";
import type { FinalEvent } from "../../stream/core/events.ts";
import type { Transcript } from "../../transcript.ts";
import { formatOfPath, render } from "../formats.ts";
import { cannotWrite, writeAtomically } from "../outputs.ts";

interface WrittenFile {
  /** Touches nothing. */
  check(): Promise<void>;
  /** Makes the file; nothing of it is touched before. */
  begin(): Promise<void>;
  push(event: FinalEvent, language: string | undefined): Promise<void>;
  finish(transcript: Transcript): Promise<void>;
  close(): Promise<void>;
}

/** All files of a run. What is in them stays until the talk begins. */
export class WrittenFiles {
  readonly #files: readonly WrittenFile[];
  /** What was heard before the files were begun. */
  readonly #early: [FinalEvent, string | undefined][] = [];
  #hasBegun = false;

  /** @throws EverywordError `usage` for an ending nobody here writes. */
  constructor(paths: readonly string[], options: FormatOptions) {
    this.#files = paths.map((path) => writtenFile(path, options));
  }

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  /**
   * Touches nothing: a file that cannot be is told before the talk, not when it begins.
   *
   * @throws EverywordError `usage` for the first that cannot be written.
   */
  async check(): Promise<void> {
    for (const file of this.#files) await file.check();
  }

  /** The talk begins: the files replace what was there. Again, it does nothing. */
  async begin(): Promise<void> {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    for (const file of this.#files) await file.begin();
    for (const [event, language] of this.#early.splice(0)) await this.push(event, language);
  }

  async push(event: FinalEvent, language: string | undefined): Promise<void> {
    if (!this.#hasBegun) this.#early.push([event, language]);
    else for (const file of this.#files) await file.push(event, language);
  }

  /** Writes the rest, also behind a failure, as far as that is possible. Files that were never begun stay as they were. */
  async finish(transcript: Transcript): Promise<void> {
    if (!this.#hasBegun) return;
    const ends = await Promise.allSettled(this.#files.map((file) => file.finish(transcript)));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
  }
}

/** @param isReplaced the file is written beside and renamed, so its folder is what counts */
async function checkWritable(path: string, isReplaced: boolean): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory() === true) {
    throw new EverywordError("usage", `${path} is a folder; name a file in it.`);
  }
  const written = isReplaced || info === undefined ? dirname(path) : path;
  await access(written, constants.W_OK).catch((cause: unknown) => {
    throw cannotWrite(path, cause);
  });
}

function writtenFile(path: string, options: FormatOptions): WrittenFile {
  const format = formatOfPath(path);
  return isSinkFormat(format)
    ? new GrowingFile(path, format, options)
    : new FileAtTheEnd(path, format, options);
}

function isSinkFormat(format: FormatName): format is SinkFormat {
  return (SINK_FORMATS as readonly string[]).includes(format);
}

class GrowingFile implements WrittenFile {
  readonly #path: string;
  readonly #sink: CueSink;
  #file: FileHandle | undefined;

  constructor(path: string, format: SinkFormat, options: FormatOptions) {
    const { preset, ...limits } = options;
    if (preset === "whisper") {
      throw new EverywordError(
        "usage",
        `${path} grows while people speak, which whisper's layout cannot; choose another --preset.`,
      );
    }
    this.#path = path;
    this.#sink = createCueSink(format, { ...limits, ...(preset === undefined ? {} : { preset }) });
  }

  async check(): Promise<void> {
    await checkWritable(this.#path, false);
  }

  async begin(): Promise<void> {
    try {
      this.#file = await open(this.#path, "w");
    } catch (cause) {
      throw cannotWrite(this.#path, cause);
    }
    await this.#append(this.#sink.header);
  }

  async push(event: FinalEvent, language: string | undefined): Promise<void> {
    await this.#append(this.#sink.push(event.words, language));
  }

  async finish(): Promise<void> {
    await this.#append(this.#sink.flush());
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #append(text: string): Promise<void> {
    if (text === "" || this.#file === undefined) return;
    try {
      await this.#file.appendFile(text);
    } catch (cause) {
      throw cannotWrite(this.#path, cause);
    }
  }
}

class FileAtTheEnd implements WrittenFile {
  readonly #path: string;
  readonly #format: FormatName;
  readonly #options: FormatOptions;

  constructor(path: string, format: FormatName, options: FormatOptions) {
    this.#path = path;
    this.#format = format;
    this.#options = options;
  }

  async check(): Promise<void> {
    await checkWritable(this.#path, true);
  }

  async begin(): Promise<void> {
    // It is written in one piece.
  }

  async push(): Promise<void> {
    // The transcript of the end holds every final.
  }

  async finish(transcript: Transcript): Promise<void> {
    await writeAtomically(this.#path, render(this.#format, transcript, this.#options));
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
