/** Audio of any kind as the WAV that recognizers hear: whole, or not there. */
import { randomBytes } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { EverywordError } from "../../errors.ts";
import { toChunks } from "../../resample/chunks.ts";
import type { ChunkOptions } from "../../resample/options.ts";
import type { AudioSource } from "../../resample/source.ts";
import { cannotWrite } from "../outputs.ts";
import { writeWavFile } from "../wav-file.ts";

export async function audioToWav(
  source: AudioSource,
  path: string,
  options: ChunkOptions,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeWavFile(temporary, toChunks(source, options));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    options.signal?.throwIfAborted();
    throw error instanceof EverywordError ? error : cannotWrite(path, error);
  }
}
