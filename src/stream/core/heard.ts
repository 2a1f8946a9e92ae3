/**
 * What a connection said, after the codec: positions are frames on the connection's own clock, and
 * nothing of the network's shapes is left.
 */

/** Integer ids order numerically, the others by arrival (PROTOCOL §4.6.1). */
export type SegmentKey = number | string;

export interface HeardWord {
  readonly text: string;
  /** Connection frames; both present or both absent. */
  readonly startFrame: number | undefined;
  readonly endFrame: number | undefined;
  readonly final: boolean;
  readonly confidence: number | undefined;
  readonly language: string | undefined;
  /** The times were spread over the segment, not given for the word. */
  readonly estimated: boolean;
}

export interface HeardSegment {
  readonly key: SegmentKey;
  readonly words: readonly HeardWord[];
}

export type ServerMessage =
  | { readonly kind: "text"; readonly segments: readonly HeardSegment[] }
  | { readonly kind: "trace"; readonly id: string }
  | { readonly kind: "cleared"; readonly id: string }
  | { readonly kind: "end" }
  | { readonly kind: "error"; readonly message: string; readonly code: string | undefined }
  | { readonly kind: "skipped"; readonly why: string };
