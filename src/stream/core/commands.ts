/** What the session machine asks its driver to do, in order. */
import type { EverywordError } from "../../errors.ts";
import type { Gap } from "../../transcript.ts";
import type { EndEvent, SessionEvent } from "./events.ts";

export type Command =
  /** Open connection number `connection`; answer with `handleOpen`, `handleRefused` or `handleClosed`. */
  | { readonly type: "dial"; readonly connection: number }
  /** `bytes` is a view of the replay buffer, or what was just written: copied or gone before the next input. */
  | { readonly type: "audio"; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly type: "text"; readonly connection: number; readonly text: string }
  | { readonly type: "ping"; readonly connection: number }
  /** Say goodbye with code 1000. */
  | { readonly type: "close"; readonly connection: number }
  /** Give it up at once, without goodbye. */
  | { readonly type: "drop"; readonly connection: number }
  | { readonly type: "event"; readonly event: SessionEvent }
  /** Writers that were told to wait may go on. */
  | { readonly type: "room" }
  /** The last command. */
  | { readonly type: "settled"; readonly outcome: Outcome };

/** How a session ended. */
export interface Outcome {
  /** As in the `end` event. */
  readonly reason: EndEvent["reason"];
  /** Length of the timeline, silence that was not sent included. */
  readonly audioSeconds: number;
  /** Words in all finals. */
  readonly words: number;
  /** Every gap that was told, in order. */
  readonly gaps: readonly Gap[];
  /** How many connections replaced a lost one. */
  readonly reconnects: number;
  /** Audio that was accepted and never answered; the last of `gaps`. */
  readonly missing?: Gap | undefined;
  /** Why, when `failed`. */
  readonly error?: EverywordError | undefined;
}
