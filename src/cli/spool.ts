/** Inputs that are no files yet: an address is fetched, standard input is kept, both in a temporary file. */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { EverywordError, messageOf } from "../errors.ts";
import { makeOwnedDirectory } from "../owned-directory.ts";
import { redactUrl } from "../service.ts";
import { inputName } from "./output-plan.ts";

/** The most that is fetched or kept: what the protocol's upload takes. */
export const MAX_SPOOL_BYTES = 1_000_000_000;

export interface Spooled {
  readonly path: string;
  /** Removes it. */
  dispose(): Promise<void>;
}

/**
 * @throws EverywordError `input-unreadable` when the address answers no audio, `network` when
 * nobody answers.
 */
export async function fetchToFile(url: string, signal: AbortSignal): Promise<Spooled> {
  const shown = redactUrl(url);
  let response: Response;
  try {
    response = await fetch(url, { signal, redirect: "follow" });
  } catch (cause) {
    signal.throwIfAborted();
    const why = messageOf(
      cause instanceof Error && cause.cause !== undefined ? cause.cause : cause,
    );
    throw new EverywordError("network", `${shown} cannot be reached (${why}); check the address.`, {
      cause,
    });
  }
  if (!response.ok || response.body === null) {
    throw new EverywordError(
      "input-unreadable",
      `${shown} answers ${response.status}; check that the address gives the audio itself.`,
      { status: response.status },
    );
  }
  return spool(Readable.fromWeb(response.body as never), inputName(url), shown, signal);
}

/** @throws EverywordError `input-unreadable` beyond {@link MAX_SPOOL_BYTES}. */
export async function spool(
  source: AsyncIterable<Uint8Array>,
  name: string,
  shown: string,
  signal: AbortSignal,
): Promise<Spooled> {
  const folder = await makeOwnedDirectory("input");
  const dispose = (): Promise<void> => folder.remove();
  const path = join(folder.path, name);
  try {
    await pipeline(bounded(source, shown), createWriteStream(path), { signal });
    return { path, dispose };
  } catch (error) {
    await dispose();
    signal.throwIfAborted();
    if (error instanceof EverywordError) throw error;
    throw new EverywordError("network", `${shown} broke off (${messageOf(error)}); try again.`, {
      cause: error,
    });
  }
}

async function* bounded(
  source: AsyncIterable<Uint8Array>,
  shown: string,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const block of source) {
    bytes += block.length;
    if (bytes > MAX_SPOOL_BYTES) {
      throw new EverywordError("input-unreadable", `${shown} is larger than 1 GB; cut it first.`);
    }
    yield block;
  }
}
