/**
 * The streaming protocol's messages, as types (PROTOCOL §4). Client and local server share this
 * file and nothing else. What comes from the network is `unknown` until the codec has looked at it.
 */

/** The wire's audio: 16 kHz mono signed 16-bit little-endian (PROTOCOL §4.2). */
export const WIRE_RATE = 16_000;
export const BYTES_PER_FRAME = 2;

export interface WireWord {
  readonly word: string;
  readonly language?: string;
  readonly probability?: number;
  readonly hallucination_score?: number;
  readonly start?: number;
  readonly end?: number;
  readonly is_final?: boolean;
}

export interface WireSegment {
  readonly id: number | string;
  readonly text: string;
  readonly language?: string;
  readonly words?: readonly WireWord[] | null;
  readonly start?: number;
  readonly end?: number;
  readonly seek?: number;
}

/** Server -> client; the only message without an `object` key. */
export interface WireTranscription {
  readonly task: string;
  readonly language: string;
  readonly text: string;
  readonly words?: readonly WireWord[] | null;
  readonly segments?: readonly WireSegment[] | null;
}

/** Client -> server control messages (PROTOCOL §4.2). */
export type WireControl =
  | { readonly event_id: string; readonly object: "stt.state.clear"; readonly reset_id: string }
  | { readonly event_id: string; readonly object: "stt.input.trace"; readonly trace_id: string }
  | { readonly checkpoint_id: string };

/** Server -> client control messages (PROTOCOL §4.4). */
export type WireReply =
  | { readonly event_id?: string; readonly object: "stt.state.cleared"; readonly reset_id: string }
  | { readonly event_id?: string; readonly object: "stt.output.trace"; readonly trace_id: string }
  | { readonly checkpoint_id: string }
  | { readonly error: string | { readonly message: string; readonly code?: string | number } };

/** The end marker's id in both forms (PROTOCOL §4.2, X4). */
export const FINAL_ID = "final";
