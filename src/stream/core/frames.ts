/**
 * Positions are integer frames at the wire rate; seconds exist only on the wire and at the public
 * edge. Floats and `offset += duration` are how a clock drifts by half a minute an hour.
 */
import { WIRE_RATE } from "./wire.ts";

/** Frames in one millisecond at the wire rate. */
export const FRAMES_PER_MS = WIRE_RATE / 1000;

/** Seconds to the nearest frame. */
export function framesOf(seconds: number): number {
  return Math.round(seconds * WIRE_RATE);
}

/** Frames to seconds; exact for every position below 2^53 frames. */
export function secondsOf(frames: number): number {
  return frames / WIRE_RATE;
}
