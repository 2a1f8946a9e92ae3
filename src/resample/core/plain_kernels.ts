/**
 * The resampler's inner loops in plain JavaScript, for hosts without WebAssembly SIMD. Every float
 * operation is rounded to 32 bits and done in the order of the SIMD lanes: the bytes are the same.
 */
import { type Interpolation, type Kernels } from "./kernels.ts";

const { fround } = Math;
/** Adding and taking away 1.5 * 2^23 rounds a float32 to the nearest integer, ties to even. */
const ROUNDER = 12_582_912;

/** Kernels that run on any host. */
export function createPlainKernels(heapFloats: number): Kernels {
  const heap = new Float32Array(heapFloats);
  const words = new Int32Array(heap.buffer);
  const halves = new Int16Array(heap.buffer);
  return {
    name: "plain",
    heap,
    interpolate: (work) => interpolate(heap, work),
    sharpen: (work) => {
      const { u, rows, out, pairs, evenPairs, oddPairs } = work;
      const odd = pairs + 3 * evenPairs;
      for (let row = 0; row < rows; row++) {
        heap[out + 2 * row] = fold(heap, words, u + row, pairs, evenPairs);
        heap[out + 2 * row + 1] = fold(heap, words, u + row, odd, oddPairs);
      }
    },
    quantize: (from, count, to) => {
      const at = to * 2;
      for (let i = 0; i < count; i++) {
        const scaled = fround((heap[from + i] ?? 0) * 32_768);
        const held = scaled > 32_767 ? 32_767 : scaled < -32_768 ? -32_768 : scaled;
        halves[at + i] = fround(fround(held + ROUNDER) - ROUNDER);
      }
    },
  };
}

function interpolate(heap: Float32Array, work: Interpolation): void {
  const { table, taps, phases, rows, planes, plane, out } = work;
  const jump = Math.floor(work.step / phases);
  const rest = work.step % phases;
  let { x, phase } = work;
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < planes; j++) {
      heap[out + j * plane + row] = dot(heap, x, table + phase * taps, taps);
      x += jump;
      phase += rest;
      if (phase >= phases) {
        phase -= phases;
        x += 1;
      }
    }
  }
}

/** Eight sums, as two vectors of four lanes, added up in the order the SIMD code does. */
function dot(heap: Float32Array, x: number, c: number, taps: number): number {
  let a = 0;
  let b = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  let i = 0;
  for (let t = 0; t < taps; t += 8) {
    const p = x + t;
    const q = c + t;
    a = fround(a + fround((heap[p] ?? 0) * (heap[q] ?? 0)));
    b = fround(b + fround((heap[p + 1] ?? 0) * (heap[q + 1] ?? 0)));
    d = fround(d + fround((heap[p + 2] ?? 0) * (heap[q + 2] ?? 0)));
    e = fround(e + fround((heap[p + 3] ?? 0) * (heap[q + 3] ?? 0)));
    f = fround(f + fround((heap[p + 4] ?? 0) * (heap[q + 4] ?? 0)));
    g = fround(g + fround((heap[p + 5] ?? 0) * (heap[q + 5] ?? 0)));
    h = fround(h + fround((heap[p + 6] ?? 0) * (heap[q + 6] ?? 0)));
    i = fround(i + fround((heap[p + 7] ?? 0) * (heap[q + 7] ?? 0)));
  }
  const first = fround(fround(a + f) + fround(d + h));
  const second = fround(fround(b + g) + fround(e + i));
  return fround(first + second);
}

/** The two samples that share a coefficient are added before they are multiplied. */
function fold(
  heap: Float32Array,
  words: Int32Array,
  u: number,
  pairs: number,
  count: number,
): number {
  let sum = 0;
  for (let k = 0; k < count; k++) {
    const entry = pairs + 3 * k;
    const left = heap[u + ((words[entry] ?? 0) >> 2)] ?? 0;
    const right = heap[u + ((words[entry + 1] ?? 0) >> 2)] ?? 0;
    sum = fround(sum + fround(fround(left + right) * (heap[entry + 2] ?? 0)));
  }
  return sum;
}
