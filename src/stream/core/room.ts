/** How much audio a writer that can wait may be ahead. */
import { framesOf } from "./frames.ts";
import type { Link } from "./link.ts";
import type { ReplayBuffer } from "./replay-buffer.ts";
import type { Sender } from "./sender.ts";

/** Unsent audio that a writer may queue while a connection carries it. */
const QUEUE_FRAMES = framesOf(1);
/** Room that is left in the buffer for what was sent, while writers queue during an outage. */
const RESERVE_FRAMES = framesOf(2);

/** Whether a writer that can wait should write on. @param link the connection that carries audio. */
export function hasRoom(buffer: ReplayBuffer, link: Link | undefined, sender: Sender): boolean {
  const { endFrame, heldFrames, capacityFrames } = buffer;
  // What is less than a chunk waits for more audio: to wait for it here would be for ever.
  const caughtUpFrame = sender.newestSentFrame - sender.chunkFrames;
  if (link !== undefined && link.origin.sentFrame > caughtUpFrame) {
    return endFrame - link.origin.sentFrame < QUEUE_FRAMES;
  }
  return heldFrames < capacityFrames - RESERVE_FRAMES;
}
