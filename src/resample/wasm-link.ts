/** What the WebAssembly decoder and its worker say to each other. */
import { type DecoderFacts } from "./core/ffmpeg-log.ts";

/** Where the shared words lie: blocks that may still be written, blocks that were fed. */
export const STATE = { credit: 0, fed: 1 } as const;
/** Blocks of audio that may be on their way. */
export const MOST_UNREAD = 8;
/** Most bytes of one of them. */
export const BLOCK_BYTES = 64 * 1024;

export interface WorkerInput {
  /** URL of the package's script. */
  readonly script: string;
  readonly module: object;
  /** Shared; see {@link STATE}. */
  readonly state: Int32Array;
  readonly track: number;
  /** The file to read; undefined: blocks are asked for, one at a time. */
  readonly path: string | undefined;
}

export type FromWorker =
  | { readonly kind: "audio"; readonly bytes: Uint8Array }
  | { readonly kind: "facts"; readonly facts: DecoderFacts }
  | { readonly kind: "want" }
  | { readonly kind: "failed"; readonly text: string }
  | { readonly kind: "done" };
