/**
 * What was made of what: a file beside the outputs that tells a current result from a stale one.
 *
 * Read and written only with `--skip-existing`. It is read anew before each write, so two runs into
 * one folder lose an entry at worst when they write in the same instant; a lost entry means that
 * the output counts as somebody else's, which is never overwritten.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { writeAtomically } from "./outputs.ts";

export const MANIFEST_NAME = ".everyword-manifest.json";

export interface Made {
  /** SHA-256 of the input's bytes. */
  readonly source: string;
  /** SHA-256 of everything that was asked of the recognizer and the format. */
  readonly options: string;
}

/**
 * `current`: made of this very input with these options. `stale`: made by us of something else.
 * `foreign`: there, but nobody knows what of. `missing`: not there.
 */
export type OutputState = "current" | "stale" | "foreign" | "missing";

export async function outputState(path: string, wanted: Made): Promise<OutputState> {
  if ((await stat(path).catch(() => undefined)) === undefined) return "missing";
  const made = (await readManifest(dirname(path)))[basename(path)];
  if (made === undefined) return "foreign";
  return made.source === wanted.source && made.options === wanted.options ? "current" : "stale";
}

export async function recordOutputs(paths: readonly string[], made: Made): Promise<void> {
  const folders = new Set(paths.map((path) => dirname(path)));
  for (const folder of folders) {
    const entries = await readManifest(folder);
    for (const path of paths) if (dirname(path) === folder) entries[basename(path)] = made;
    const sorted = Object.fromEntries(
      Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
    const text = `${JSON.stringify({ version: 1, outputs: sorted }, undefined, 2)}\n`;
    await writeAtomically(join(folder, MANIFEST_NAME), text);
  }
}

/** A manifest that is missing or damaged knows nothing. */
async function readManifest(folder: string): Promise<Record<string, Made>> {
  const entries: Record<string, Made> = {};
  const text = await readFile(join(folder, MANIFEST_NAME), "utf8").catch(() => "");
  try {
    const whole = JSON.parse(text) as { outputs?: Record<string, Partial<Made>> };
    for (const [name, { source, options }] of Object.entries(whole.outputs ?? {})) {
      if (typeof source === "string" && typeof options === "string") {
        entries[name] = { source, options };
      }
    }
  } catch {
    return {};
  }
  return entries;
}

export async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const block of createReadStream(path, { signal })) hash.update(block as Uint8Array);
  return hash.digest("hex");
}

export function hashOptions(options: unknown): string {
  return createHash("sha256").update(JSON.stringify(options)).digest("hex");
}
