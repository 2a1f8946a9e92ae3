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
  const { table, taps, phases, outputs, out } = work;
  const jump = Math.floor(work.step / phases);
  const rest = work.step % phases;
  let { x, phase } = work;
  for (let k = 0; k < outputs; k++) {
    heap[out + k] = dot(heap, x, table + phase * taps, taps);
    x += jump;
    phase += rest;
    if (phase >= phases) {
      phase -= phases;
      x += 1;
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
  const { reach, strands, strand, groups, products } = work;
  const kept = reach - 1;
  for (let j = 0; j < 3; j++) {
    for (let group = 0; group < groups; group++) {
      split(heap, work.u + j + 12 * group, strands + j * strand + kept + group, 3 * strand);
    }
  }
  for (let q = 0; q < 9; q++) {
    const taps = work.taps + 6 * reach * q;
    const from = strands + 3 * strand * q;
    const to = products + 2 * strand * q;
    for (let group = 0; group < groups; group++) {
      heap[to + group] = product(heap, taps, from + group, work);
      heap[to + strand + group] = product(heap, taps + 1, from + group, work);
    }
  }
  for (let group = 0; group < groups; group++) {
    merge(heap, products + group, strand, work.out + 8 * group);
    merge(heap, products + strand + group, strand, work.out + 8 * group + 1);
  }
  for (let i = 0; i < 27; i++) {
    const start = strands + i * strand;
    heap.copyWithin(start, start + groups, start + groups + kept);
  }
}

/** One group of one plane to its place in nine strands, which lie `far` apart. */
function split(heap: Float32Array, u: number, to: number, far: number): void {
  const at = (row: number): number => heap[u + 3 * row] ?? 0;
  const b = at(1);
  const d = at(3);
  const e = at(4);
  const f = at(5);
  const cd = fround(at(2) - d);
  const ed = fround(e - d);
  heap[to] = fround(at(0) - b) - cd;
  heap[to + far] = cd;
  heap[to + 2 * far] = fround(e - f) - cd;
  heap[to + 3 * far] = b - d;
  heap[to + 4 * far] = d;
  heap[to + 5 * far] = f - d;
  heap[to + 6 * far] = fround(at(2) - b) - ed;
  heap[to + 7 * far] = ed;
  heap[to + 8 * far] = fround(at(6) - f) - ed;
}

/** One product: three strands by every other coefficient. */
function product(heap: Float32Array, taps: number, from: number, work: Sharpening): number {
  const { reach, strand } = work;
  let sum = 0;
  for (let j = 0, tap = taps; j < 3; j++) {
    const start = from + j * strand;
    for (let k = 0; k < reach; k++, tap += 2) {
      sum = fround(sum + fround((heap[start + k] ?? 0) * (heap[tap] ?? 0)));
    }
  }
  return sum;
}

/** Nine products to every other of the eight outputs of a group. */
function merge(heap: Float32Array, p: number, strand: number, out: number): void {
  const at = (q: number): number => heap[p + 2 * strand * q] ?? 0;
  for (let half = 0; half < 2; half++) {
    const shared = fround(at(4) + at(3 + 2 * half));
    heap[out + 4 * half] = shared + fround(at(1) + at(2 * half));
    heap[out + 4 * half + 2] = shared + fround(at(7) + at(6 + 2 * half));
  }
}
