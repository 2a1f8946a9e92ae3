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

/** Polyphase: each output is one dot product over `taps` (a multiple of 16) inputs. */
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
  if (phases === 1 && planes === 3)
    return threefold(x, table, taps << 2, step << 2, rows, plane, out);
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
      let b = a;
      while (p < end) {
        a = f32x4.add(a, f32x4.mul(v128.load(p), v128.load(c)));
        b = f32x4.add(b, f32x4.mul(v128.load(p, 16), v128.load(c, 16)));
        a = f32x4.add(a, f32x4.mul(v128.load(p, 32), v128.load(c, 32)));
        b = f32x4.add(b, f32x4.mul(v128.load(p, 48), v128.load(c, 48)));
        p += 64;
        c += 64;
      }
      storeSum(f32x4.add(a, b), to);
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

/** The same where one row of coefficients serves every output: three at a time share its loads. */
function threefold(
  x: usize,
  table: usize,
  bytes: usize,
  jump: usize,
  rows: usize,
  plane: usize,
  out: usize,
): void {
  const far = 2 * jump;
  for (let row: usize = 0; row < rows; row++) {
    let p = x;
    let c = table;
    const end = p + bytes;
    let a = f32x4.splat(0);
    let b = a;
    let d = a;
    let e = a;
    let f = a;
    let g = a;
    while (p < end) {
      let h = v128.load(c);
      a = f32x4.add(a, f32x4.mul(v128.load(p), h));
      d = f32x4.add(d, f32x4.mul(v128.load(p + jump), h));
      f = f32x4.add(f, f32x4.mul(v128.load(p + far), h));
      h = v128.load(c, 16);
      b = f32x4.add(b, f32x4.mul(v128.load(p, 16), h));
      e = f32x4.add(e, f32x4.mul(v128.load(p + jump, 16), h));
      g = f32x4.add(g, f32x4.mul(v128.load(p + far, 16), h));
      p += 32;
      c += 32;
    }
    storeSum(f32x4.add(a, b), out);
    storeSum(f32x4.add(d, e), out + (plane << 2));
    storeSum(f32x4.add(f, g), out + (plane << 3));
    out += 4;
    x += 3 * jump;
  }
}

function storeSum(s: v128, to: usize): void {
  const t = f32x4.add(s, v128.shuffle<f32>(s, s, 2, 3, 0, 1));
  store<f32>(to, f32x4.extract_lane(t, 0) + f32x4.extract_lane(t, 1));
}

/**
 * Two outputs from three inputs. Input sample `3 * row + plane` lies in its plane at its row, so
 * that lanes are rows and nothing is summed across lanes. For each plane there are `reach`
 * coefficients for even outputs, each followed by that for odd ones.
 */
export function sharpen(
  taps: usize,
  reach: usize,
  u: usize,
  plane: usize,
  rows: usize,
  out: usize,
): void {
  let row: usize = 0;
  for (; row + 16 <= rows; row += 16) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let e = a;
    let f = a;
    let g = a;
    let h = a;
    let tap = taps;
    for (let j: usize = 0; j < 3; j++) {
      let from = u + ((j * plane) << 2);
      const end = from + (reach << 2);
      while (from < end) {
        const even = v128.load_splat<f32>(tap);
        const odd = v128.load_splat<f32>(tap, 4);
        let x = v128.load(from);
        a = f32x4.add(a, f32x4.mul(x, even));
        e = f32x4.add(e, f32x4.mul(x, odd));
        x = v128.load(from, 16);
        b = f32x4.add(b, f32x4.mul(x, even));
        f = f32x4.add(f, f32x4.mul(x, odd));
        x = v128.load(from, 32);
        c = f32x4.add(c, f32x4.mul(x, even));
        g = f32x4.add(g, f32x4.mul(x, odd));
        x = v128.load(from, 48);
        d = f32x4.add(d, f32x4.mul(x, even));
        h = f32x4.add(h, f32x4.mul(x, odd));
        from += 4;
        tap += 8;
      }
    }
    weave(a, e, out);
    weave(b, f, out + 32);
    weave(c, g, out + 64);
    weave(d, h, out + 96);
    u += 64;
    out += 128;
  }
  for (; row < rows; row += 4) {
    let even = f32x4.splat(0);
    let odd = even;
    let tap = taps;
    for (let j: usize = 0; j < 3; j++) {
      let from = u + ((j * plane) << 2);
      const end = from + (reach << 2);
      while (from < end) {
        const x = v128.load(from);
        even = f32x4.add(even, f32x4.mul(x, v128.load_splat<f32>(tap)));
        odd = f32x4.add(odd, f32x4.mul(x, v128.load_splat<f32>(tap, 4)));
        from += 4;
        tap += 8;
      }
    }
    weave(even, odd, out);
    u += 16;
    out += 32;
  }
}

function weave(even: v128, odd: v128, out: usize): void {
  v128.store(out, v128.shuffle<f32>(even, odd, 0, 4, 1, 5));
  v128.store(out, v128.shuffle<f32>(even, odd, 2, 6, 3, 7), 16);
}

/** 16-bit samples to floats of full scale 1; eight at a time. */
export function widen(from: usize, count: usize, to: usize): void {
  const scale = f32x4.splat(1.0 / 32768.0);
  const end = from + (count << 1);
  while (from < end) {
    const x = v128.load(from);
    v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(x)), scale));
    v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(x)), scale), 16);
    from += 16;
    to += 32;
  }
}

/** Pairs of 16-bit samples to the floats of their means; four pairs at a time. */
export function widenPairs(from: usize, count: usize, to: usize): void {
  const scale = f32x4.splat(1.0 / 65536.0);
  const end = from + (count << 2);
  while (from < end) {
    const sums = i32x4.extadd_pairwise_i16x8_s(v128.load(from));
    v128.store(to, f32x4.mul(f32x4.convert_i32x4_s(sums), scale));
    from += 16;
    to += 16;
  }
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
