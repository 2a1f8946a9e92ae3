/** What the engine and its worker processes say to each other. Every request gets exactly one reply. */
import type { RuntimeConfig } from "./runtime.ts";
import type { TimedText } from "./core/spread.ts";

/** The ear: tells speech from silence, window by window, with a state for each stream. */
export interface EarSetup {
  readonly role: "ear";
  readonly vad: string;
  readonly threshold: number;
}

/** A decoder: turns a piece of audio into words; keeps nothing from one piece to the next. */
export interface DecoderSetup {
  readonly role: "decoder";
  readonly recognizer: RuntimeConfig;
}

/** An aligner: finds where known words lie in a piece of audio. English only. */
export interface AlignerSetup {
  readonly role: "aligner";
}

export type WorkerSetup = EarSetup | DecoderSetup | AlignerSetup;

export interface DetectRequest {
  readonly kind: "detect";
  readonly stream: number;
  /** Whole windows. */
  readonly samples: Int16Array;
}

export interface ForgetRequest {
  readonly kind: "forget";
  readonly stream: number;
}

export interface DecodeRequest {
  readonly kind: "decode";
  readonly samples: Int16Array;
  /** Position of the first sample; word frames are counted from the same origin. */
  readonly audioFrame: number;
}

export interface AlignRequest {
  readonly kind: "align";
  readonly words: readonly string[];
  /** The audio that was decoded. */
  readonly samples: Int16Array;
  readonly audioFrame: number;
}

/** Work on a piece of audio that any process of a pool can do. */
export type PieceRequest = DecodeRequest | AlignRequest;

export type WorkerRequest = DetectRequest | ForgetRequest | PieceRequest;

/** One flag a window: 1 for speech. */
export interface DetectReply {
  readonly flags: Uint8Array;
}

export interface WordsReply {
  readonly words: readonly TimedText[];
  readonly busyMs: number;
}

export type WorkerReply = DetectReply | WordsReply | Record<string, never>;

export interface RequestEnvelope {
  readonly id: number;
  readonly request: WorkerRequest;
}

export type ReplyEnvelope =
  /** Id 0: the worker has loaded what it needs. */
  | { readonly id: number; readonly reply: WorkerReply }
  | { readonly id: number; readonly error: string };
