/** The port behind which a decoder of compressed audio stands. */
import { type DecoderFacts } from "./core/ffmpeg-log.ts";

/** What to decode: a file that may be read at any place, or bytes in order. */
export type DecoderInput =
  | { readonly path: string }
  | { readonly blocks: AsyncIterable<Uint8Array> };

/** A decoder at work. */
export interface Decoding {
  /** A WAV file of floats, as it is made; pulling it is what drives the decoder. */
  readonly output: AsyncIterable<Uint8Array>;
  /** What is known so far. */
  facts(): DecoderFacts;
  /** Ends the work at once, whatever it is waiting for. May be called any number of times. */
  stop(): void;
}

export interface Decoder {
  readonly name: "native" | "wasm";
  /** Starts on one audio track, counted from 0. */
  start(input: DecoderInput, track: number): Decoding;
}

/** The decoder itself failed, not the stream it was fed from. */
export class DecoderFailure extends Error {
  override readonly name = "DecoderFailure";
}
