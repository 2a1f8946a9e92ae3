/** Where live audio comes from: a file, standard input, or the microphone; always 16 kHz mono chunks. */
import { EverywordError } from "../../errors.ts";
import { toChunks } from "../../resample/chunks.ts";
import { openMicrophone } from "../../resample/microphone.ts";
import { chunkOptionsFrom, sourceFrom } from "../input-options.ts";
import type { Io } from "../io.ts";
import type { Level } from "../level-meter.ts";
import type { Values } from "../parse.ts";
import { withLevel } from "./level.ts";

/** An input up to its first chunk. */
export interface Begun {
  readonly first: IteratorResult<Uint8Array>;
  readonly rest: AsyncIterator<Uint8Array>;
}

export interface LiveInput {
  /** Whether its beginning can be read before the recognizer is ready. */
  readonly startsEarly: boolean;
  /** Reads up to the first chunk, so that an input nobody can read is told at once. */
  begin(): Promise<Begun>;
}

/**
 * @param onLevel told how loud the microphone is, five times a second
 * @throws EverywordError `usage` unless exactly one input is named
 */
export function openInput(
  values: Values,
  positionals: readonly string[],
  io: Io,
  notify: (line: string) => void,
  onLevel?: (level: Level) => void,
): LiveInput {
  const device = values.text("device");
  const mic = values.flag("mic") || device !== undefined;
  const [input, ...more] = positionals;
  // What a spill file holds may be all that is left to be transcribed.
  const isResumed = values.text("resume") !== undefined && positionals.length === 0;
  if (more.length > 0 || ((input === undefined) !== mic && !isResumed)) {
    const got = `${positionals.length}${mic ? " and --mic" : ""}`;
    throw new EverywordError(
      "usage",
      `live takes one input (FILE, - or --mic), got ${got}; everyword live --help shows how.`,
    );
  }
  const chunkOptions = chunkOptionsFrom(values);
  if (input === "") throw new EverywordError("usage", 'live takes a FILE, got the empty name "".');
  if (input !== undefined) {
    return fromIterable(true, () =>
      toChunks(sourceFrom(input, io), { ...chunkOptions, signal: io.abort }),
    );
  }
  if (!mic) return fromIterable(true, nothing);
  const open = (): AsyncIterable<Uint8Array> => {
    const microphone = openMicrophone({
      device,
      signal: io.abort,
      environment: io.env,
      platform: io.platform,
      onUnplugged: notify,
    });
    io.stop.addEventListener("abort", () => microphone.stop(), { once: true });
    return onLevel === undefined ? microphone : withLevel(microphone, onLevel);
  };
  // A recorder that is missing, or has no device, says so instead.
  return fromIterable(false, open, () => notify("listening; Ctrl-C ends the recording"));
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function fromIterable(
  startsEarly: boolean,
  open: () => AsyncIterable<Uint8Array>,
  onSound?: () => void,
): LiveInput {
  return {
    startsEarly,
    async begin() {
      const rest = open()[Symbol.asyncIterator]();
      const first = await rest.next();
      if (first.done !== true) onSound?.();
      return { first, rest };
    },
  };
}
