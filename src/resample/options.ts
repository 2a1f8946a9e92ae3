/** What a caller may ask of this room, and what is told on the way. */
import { CHUNK_MS, Chunker } from "./core/chunker.ts";
import { type ChannelChoice } from "./core/downmix.ts";
import { checkFormat, type RawFormat } from "./core/format.ts";

/** How far reading has come. */
export interface Progress {
  /** Seconds of audio that were read so far. */
  readonly decodedSeconds: number;
  /** Where the container tells. */
  readonly totalSeconds?: number;
}

/** Something to know about audio that was read all the same. */
export interface AudioWarning {
  /** What is wrong, for programs. */
  readonly code: "truncated" | "damaged" | "tracks" | "clipping" | "silence" | "cancelling";
  /** One sentence. */
  readonly message: string;
  /** Where in the audio, from its start. */
  readonly atSeconds?: number;
}

/** Who reads compressed audio: `ffmpeg` on this machine, its WebAssembly build, or what there is. */
export type DecoderChoice = "auto" | "wasm" | "native";

/** What to read, and with what. */
export interface ReadOptions {
  /** Raw PCM of this format; absent: the container is detected. */
  readonly format?: RawFormat | undefined;
  /** Audio track of a container with several, counted from 0; default 0. */
  readonly track?: number | undefined;
  /** Default "auto": `ffmpeg` from FFMPEG_PATH or PATH, else WebAssembly. */
  readonly decoder?: DecoderChoice | undefined;
  /** Stops reading; the iterator throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How audio is read, mixed down and cut into chunks. */
export interface ChunkOptions extends ReadOptions {
  /** Length of a chunk in ms, a whole number from 20 to 400; default 50. */
  readonly chunkMs?: number | undefined;
  /** "average" (default) mixes all channels; a number picks one, counted from 0. */
  readonly channel?: ChannelChoice | undefined;
  /** Called after each block that was read, at most 256 KB of PCM apart. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Called at most once for each kind of warning. */
  readonly onWarning?: ((warning: AudioWarning) => void) | undefined;
}

const DECODERS: readonly string[] = ["auto", "wasm", "native"];

/** @throws {RangeError} when an option is outside its limits. */
export function checkOptions(options: ChunkOptions): void {
  const { format, channel = 0, track = 0, decoder = "auto", chunkMs = CHUNK_MS.usual } = options;
  if (format !== undefined) checkFormat(format);
  if (channel !== "average" && (!Number.isInteger(channel) || channel < 0)) {
    throw new RangeError(
      `Cannot pick a channel: channel must be "average" or a whole number from 0, got ${channel}`,
    );
  }
  if (!Number.isInteger(track) || track < 0) {
    throw new RangeError(`Cannot pick a track: track must be a whole number from 0, got ${track}`);
  }
  if (!DECODERS.includes(decoder)) {
    throw new RangeError(
      `Cannot decode: decoder must be one of ${DECODERS.join(", ")}, got ${decoder}`,
    );
  }
  void new Chunker(chunkMs);
}
