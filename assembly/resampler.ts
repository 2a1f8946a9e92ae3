/**
 * The resampler's inner loops as WebAssembly SIMD, in AssemblyScript. Addresses are bytes. Only
 * plain (not relaxed) SIMD, no fused multiply-add: the same bits on every machine, and the same as
 * those of the plain JavaScript twin, which does these operations in this order.
 */

/** Grows the memory to hold this many bytes; false when the host refuses. */
export function reserve(bytes: i32): bool {
  const pages = ((bytes + 0xffff) >>> 16) - memory.size();
  return pages <= 0 || memory.grow(pages) >= 0;
}

/** Polyphase: each output is one dot product over `taps` (a multiple of 8) inputs. */
export function interpolate(
  x: usize,
  table: usize,
  taps: usize,
  phases: usize,
  step: usize,
  phase: usize,
  rows: usize,
  planes: usize,
  plane: usize,
  out: usize,
): void {
  const jump = (step / phases) << 2;
  const rest = step % phases;
  const bytes = taps << 2;
  for (let row: usize = 0; row < rows; row++) {
    let to = out + (row << 2);
    for (let j: usize = 0; j < planes; j++) {
      let p = x;
      let c = table + phase * bytes;
      const end = p + bytes;
      let a = f32x4.splat(0);
      let b = f32x4.splat(0);
      while (p < end) {
        a = f32x4.add(a, f32x4.mul(v128.load(p), v128.load(c)));
        b = f32x4.add(b, f32x4.mul(v128.load(p, 16), v128.load(c, 16)));
        p += 32;
        c += 32;
      }
      const s = f32x4.add(a, b);
      const t = f32x4.add(s, v128.shuffle<f32>(s, s, 2, 3, 0, 1));
      store<f32>(to, f32x4.extract_lane(t, 0) + f32x4.extract_lane(t, 1));
      to += plane << 2;
      x += jump;
      phase += rest;
      if (phase >= phases) {
        phase -= phases;
        x += 4;
      }
    }
  }
}

/** Symmetric filter, two outputs from three inputs; lanes are rows, so no sums across lanes. */
export function sharpen(
  pairs: usize,
  evenPairs: usize,
  oddPairs: usize,
  u: usize,
  rows: usize,
  out: usize,
): void {
  const middle = pairs + evenPairs * 12;
  const last = middle + oddPairs * 12;
  let row: usize = 0;
  for (; row + 16 <= rows; row += 16) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let p = pairs; p < middle; p += 12) {
      const l = u + load<i32>(p);
      const r = u + load<i32>(p, 4);
      const h = v128.load_splat<f32>(p, 8);
      a = f32x4.add(a, f32x4.mul(f32x4.add(v128.load(l), v128.load(r)), h));
      b = f32x4.add(b, f32x4.mul(f32x4.add(v128.load(l, 16), v128.load(r, 16)), h));
      c = f32x4.add(c, f32x4.mul(f32x4.add(v128.load(l, 32), v128.load(r, 32)), h));
      d = f32x4.add(d, f32x4.mul(f32x4.add(v128.load(l, 48), v128.load(r, 48)), h));
    }
    let e = f32x4.splat(0);
    let f = e;
    let g = e;
    let i = e;
    for (let p = middle; p < last; p += 12) {
      const l = u + load<i32>(p);
      const r = u + load<i32>(p, 4);
      const h = v128.load_splat<f32>(p, 8);
      e = f32x4.add(e, f32x4.mul(f32x4.add(v128.load(l), v128.load(r)), h));
      f = f32x4.add(f, f32x4.mul(f32x4.add(v128.load(l, 16), v128.load(r, 16)), h));
      g = f32x4.add(g, f32x4.mul(f32x4.add(v128.load(l, 32), v128.load(r, 32)), h));
      i = f32x4.add(i, f32x4.mul(f32x4.add(v128.load(l, 48), v128.load(r, 48)), h));
    }
    weave(a, e, out);
    weave(b, f, out + 32);
    weave(c, g, out + 64);
    weave(d, i, out + 96);
    u += 64;
    out += 128;
  }
  for (; row < rows; row += 4) {
    const even = fold(pairs, middle, u);
    weave(even, fold(middle, last, u), out);
    u += 16;
    out += 32;
  }
}

function fold(from: usize, to: usize, u: usize): v128 {
  let sum = f32x4.splat(0);
  for (let p = from; p < to; p += 12) {
    const both = f32x4.add(v128.load(u + load<i32>(p)), v128.load(u + load<i32>(p, 4)));
    sum = f32x4.add(sum, f32x4.mul(both, v128.load_splat<f32>(p, 8)));
  }
  return sum;
}

function weave(even: v128, odd: v128, out: usize): void {
  v128.store(out, v128.shuffle<f32>(even, odd, 0, 4, 1, 5));
  v128.store(out, v128.shuffle<f32>(even, odd, 2, 6, 3, 7), 16);
}

/** Floats to 16 bits, nearest with ties to even, saturated; eight at a time. */
export function quantize(from: usize, count: i32, to: usize): void {
  const scale = f32x4.splat(32768);
  for (let i = 0; i < count; i += 8) {
    const a = f32x4.nearest(f32x4.mul(v128.load(from), scale));
    const b = f32x4.nearest(f32x4.mul(v128.load(from, 16), scale));
    v128.store(to, i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(a), i32x4.trunc_sat_f32x4_s(b)));
    from += 32;
    to += 16;
  }
}
