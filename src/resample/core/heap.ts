/** How a resampler sees its kernels' heap. Places are indices of floats. */
import { type Kernels } from "./kernels.ts";

/** Most frames that one run of a resampler takes. */
export const RUN_FRAMES = 4_096;

/** `count` 16-bit samples. */
export function samplesAt({ heap }: Kernels, place: number, count: number): Int16Array {
  return new Int16Array(heap.buffer, heap.byteOffset + place * 4, count);
}

/** Room for a run's frames of two 16-bit samples. */
export function stagingAt({ heap }: Kernels, place: number): Uint8Array {
  return new Uint8Array(heap.buffer, heap.byteOffset + place * 4, RUN_FRAMES * 4);
}

/** Frames of one or two 16-bit samples to floats, two channels into their mean. */
export function widen(
  kernels: Kernels,
  frames: number,
  channels: 1 | 2,
  from: number,
  to: number,
): void {
  if (channels === 1) kernels.widen(from, frames, to);
  else kernels.widenPairs(from, frames, to);
}
