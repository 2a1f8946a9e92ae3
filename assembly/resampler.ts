/**
 * The resampler's inner loops as WebAssembly SIMD, in AssemblyScript. Addresses are bytes. Only
 * plain (not relaxed) SIMD, no fused multiply-add: the same bits on every machine, and the same as
 * those of the plain JavaScript twin, which does these operations in this order.
 */
export { interpolate } from "./polyphase";
export { sharpen } from "./steep";
export { quantize, widen, widenPairs } from "./samples";

/** Grows the memory to hold this many bytes; false when the host refuses. */
export function reserve(bytes: i32): bool {
  const pages = ((bytes + 0xffff) >>> 16) - memory.size();
  return pages <= 0 || memory.grow(pages) >= 0;
}
