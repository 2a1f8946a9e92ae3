/** `--spill` and `--resume`: a live session that outlives long outages, and its process. */
import { EverywordError } from "../../errors.ts";
import type { FinalEvent, GapEvent } from "../../stream/core/events.ts";
import { createSpillFile, resumeSpillFile, type SpillFile } from "../../stream/spill-file.ts";
import type { Spill } from "../../stream/core/spill.ts";
import { BYTES_PER_FRAME } from "../../stream/core/wire.ts";
import type { Values } from "../parse.ts";

/** @throws EverywordError when both are given, or the file that is to be resumed is none. */
export function resumedFrom(values: Values): SpillFile | undefined {
  const path = values.text("resume");
  if (path === undefined) return undefined;
  if (values.text("spill") !== undefined) {
    const message = "--resume goes on with its own file, got --spill as well; leave --spill out.";
    throw new EverywordError("usage", message);
  }
  return resumeSpillFile(path);
}

/** @throws EverywordError when the file exists or cannot be made. */
export function spillFrom(values: Values): SpillFile | undefined {
  const path = values.text("spill");
  if (path === undefined) return undefined;
  try {
    return createSpillFile(path);
  } catch (error) {
    throw isThere(error) ? existsAlready(path, error) : error;
  }
}

function isThere(error: unknown): boolean {
  const cause = error instanceof EverywordError ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "EEXIST";
}

function existsAlready(path: string, cause: unknown): EverywordError {
  const message = `${path} exists; take its session up with --resume ${quoted(path)}, name another file, or delete it.`;
  return new EverywordError("usage", message, { cause });
}

/**
 * The file as the session knows it. A session that gives up removes its file; here it stays, with
 * everything that was not answered: nobody who stops at once means to lose it.
 */
export function keptWhenAborted(spill: SpillFile): Spill {
  return {
    get baseFrame() {
      return spill.baseFrame;
    },
    journal: spill.journal,
    put: (frame, bytes) => spill.put(frame, bytes),
    get: (frame) => spill.get(frame),
    release: (frame) => spill.release(frame),
    note: (entry) => {
      if (entry.type === "end" && entry.reason === "aborted") spill.close();
      else spill.note(entry);
    },
  };
}

/** What was told before: words and gaps, but for the gap that is asked for again. */
export function toldBefore(spill: SpillFile | undefined): (FinalEvent | GapEvent)[] {
  const entries = spill?.journal?.entries ?? [];
  return entries.filter(
    (entry): entry is FinalEvent | GapEvent =>
      entry.type === "final" || (entry.type === "gap" && entry.reason !== "unanswered"),
  );
}

/** Leaves out the audio that another process took. @returns what comes behind it. */
export async function skipTaken(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
  spill: SpillFile | undefined,
): Promise<IteratorResult<Uint8Array>> {
  let left = (spill?.journal?.endFrame ?? 0) * BYTES_PER_FRAME;
  let result = first;
  while (result.done !== true && result.value.length <= left) {
    left -= result.value.length;
    result = await rest.next();
  }
  if (result.done === true || left === 0) return result;
  return { done: false, value: result.value.subarray(left) };
}

/** Where the server is gone for good and the audio with it: how it is kept another time. */
export function withSpillAdvice(error: unknown, spill: SpillFile | undefined): unknown {
  if (spill !== undefined || !(error instanceof EverywordError) || error.code !== "network") {
    return error;
  }
  const advice = "with --spill FILE the audio is kept, to be transcribed later";
  const message = `${error.message.replace(/\.$/u, "")}; ${advice}.`;
  return new EverywordError(error.code, message, { cause: error, status: error.status });
}

/** Says how to go on where something was left over. */
export function letGo(spill: SpillFile | undefined, notify: (line: string) => void): void {
  if (spill?.isKept === true) {
    notify(`what was not transcribed is kept: everyword live --resume ${quoted(spill.path)}`);
  }
  spill?.close();
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w@%+=:,./\\-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
