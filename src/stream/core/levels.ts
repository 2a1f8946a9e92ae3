/** The numbers of a session that are told once in a while. */
import type { ReplayBuffer } from "./replay-buffer.ts";

/** How much audio is where. Always true: `ackedFrame <= endFrame`; both only grow. */
export interface MachineLevels {
  /** One past the newest frame taken in. */
  readonly endFrame: number;
  /** Everything before it has been answered for good. */
  readonly ackedFrame: number;
  /** Frames that were never sent yet. */
  readonly queuedFrames: number;
  /** Memory of the replay buffer. */
  readonly heldBytes: number;
}

/**
 * @param sentFrame one past the newest frame that was ever sent.
 * @param ackedFrame may lie beyond what the buffer has taken in.
 */
export function levelsOf(
  { endFrame, heldBytes }: ReplayBuffer,
  sentFrame: number,
  ackedFrame: number,
): MachineLevels {
  const queuedFrames = Math.max(0, endFrame - sentFrame);
  return { endFrame, ackedFrame: Math.min(ackedFrame, endFrame), queuedFrames, heldBytes };
}
