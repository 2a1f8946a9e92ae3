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
  /** Whether finals get their word times by alignment (English only). */
  readonly align: boolean;
}

export type WorkerSetup = EarSetup | DecoderSetup;

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
  readonly final: boolean;
}

export type WorkerRequest = DetectRequest | ForgetRequest | DecodeRequest;

/** One flag a window: 1 for speech. */
export interface DetectReply {
  readonly flags: Uint8Array;
}

export interface DecodeReply {
  readonly words: readonly TimedText[];
  readonly busyMs: number;
}

export type WorkerReply = DetectReply | DecodeReply | Record<string, never>;

export interface RequestEnvelope {
  readonly id: number;
  readonly request: WorkerRequest;
}

export type ReplyEnvelope =
  /** Id 0: the worker has loaded what it needs. */
  | { readonly id: number; readonly reply: WorkerReply }
  | { readonly id: number; readonly error: string };
