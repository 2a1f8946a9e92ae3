/**
 * The resampler's inner loops in plain JavaScript, for hosts without WebAssembly SIMD. Every float
 * operation is rounded to 32 bits and done in the order of the SIMD lanes: the bytes are the same.
 */
import { type Interpolation, type Kernels, type Sharpening } from "./kernels.ts";

const { fround } = Math;
/** Adding and taking away 1.5 * 2^23 rounds a float32 to the nearest integer, ties to even. */
const ROUNDER = 12_582_912;

/** Kernels that run on any host. */
export function createPlainKernels(heapFloats: number): Kernels {
  const heap = new Float32Array(heapFloats);
  const halves = new Int16Array(heap.buffer);
  return {
    name: "plain",
    heap,
    interpolate: (work) => interpolate(heap, work),
    sharpen: (work) => sharpen(heap, work),
    widen: (from, count, to) => {
      for (let i = 0; i < count; i++) heap[to + i] = (halves[2 * from + i] ?? 0) / 32_768;
    },
    widenPairs: (from, count, to) => {
      const at = 2 * from;
      for (let i = 0; i < count; i++) {
        heap[to + i] = ((halves[at + 2 * i] ?? 0) + (halves[at + 2 * i + 1] ?? 0)) / 65_536;
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
  const lane0 = lane(heap, x, c, taps);
  const lane1 = lane(heap, x + 1, c + 1, taps);
  const lane2 = lane(heap, x + 2, c + 2, taps);
  const lane3 = lane(heap, x + 3, c + 3, taps);
  return fround(fround(lane0 + lane2) + fround(lane1 + lane3));
}

/** One lane of the two vectors. */
function lane(heap: Float32Array, x: number, c: number, taps: number): number {
  let a = 0;
  let b = 0;
  for (let t = 0; t < taps; t += 8) {
    const p = x + t;
    const q = c + t;
    a = fround(a + fround((heap[p] ?? 0) * (heap[q] ?? 0)));
    b = fround(b + fround((heap[p + 4] ?? 0) * (heap[q + 4] ?? 0)));
  }
  return fround(a + b);
}

function sharpen(heap: Float32Array, work: Sharpening): void {
  const { taps, reach, u, plane, rows, out } = work;
  for (let row = 0; row < rows; row++) {
    let even = 0;
    let odd = 0;
    for (let j = 0, tap = taps; j < 3; j++) {
      const from = u + j * plane + row;
      for (let k = 0; k < reach; k++, tap += 2) {
        const x = heap[from + k] ?? 0;
        even = fround(even + fround(x * (heap[tap] ?? 0)));
        odd = fround(odd + fround(x * (heap[tap + 1] ?? 0)));
      }
    }
    heap[out + 2 * row] = even;
    heap[out + 2 * row + 1] = odd;
  }
}
