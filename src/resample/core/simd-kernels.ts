/** The resampler's inner loops as WebAssembly SIMD, where the host has it. */
import { type Kernels } from "./kernels.ts";
import { RESAMPLER_WASM } from "./resampler.wasm.ts";

/** The part of the host's WebAssembly that is used. */
declare const WebAssembly:
  | {
      validate(bytes: Uint8Array): boolean;
      Module: new (bytes: Uint8Array) => object;
      Instance: new (module: object) => { readonly exports: object };
    }
  | undefined;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserve(bytes: number): number;
  interpolate(
    x: number,
    table: number,
    taps: number,
    phases: number,
    step: number,
    phase: number,
    outputs: number,
    out: number,
  ): void;
  sharpen(
    taps: number,
    reach: number,
    u: number,
    strands: number,
    strand: number,
    groups: number,
    products: number,
    out: number,
  ): void;
  quantize(from: number, count: number, to: number): void;
  widen(from: number, count: number, to: number): void;
  widenPairs(from: number, count: number, to: number): void;
}

/** Compiled once per process or page, at the first use; `false` when the host cannot. */
let compiled: object | false | undefined;

/** Kernels over their own WebAssembly memory, or undefined when the host has no SIMD. */
export function createSimdKernels(heapFloats: number): Kernels | undefined {
  compiled ??= compile();
  if (compiled === false || typeof WebAssembly === "undefined") return undefined;
  const wasm = new WebAssembly.Instance(compiled).exports as Exports;
  if (wasm.reserve(heapFloats * 4) === 0) return undefined;
  return {
    name: "simd",
    heap: new Float32Array(wasm.memory.buffer, 0, heapFloats),
    interpolate: (w) =>
      wasm.interpolate(
        w.x * 4,
        w.table * 4,
        w.taps,
        w.phases,
        w.step,
        w.phase,
        w.outputs,
        w.out * 4,
      ),
    sharpen: (w) =>
      wasm.sharpen(
        w.taps * 4,
        w.reach,
        w.u * 4,
        w.strands * 4,
        w.strand,
        w.groups,
        w.products * 4,
        w.out * 4,
      ),
    quantize: (from, count, to) => wasm.quantize(from * 4, count, to * 4),
    widen: (from, count, to) => wasm.widen(from * 4, count, to * 4),
    widenPairs: (from, count, to) => wasm.widenPairs(from * 4, count, to * 4),
  };
}

function compile(): object | false {
  if (typeof WebAssembly === "undefined") return false;
  const bytes = Uint8Array.from(atob(RESAMPLER_WASM), (letter) => letter.codePointAt(0) ?? 0);
  return WebAssembly.validate(bytes) && new WebAssembly.Module(bytes);
}
