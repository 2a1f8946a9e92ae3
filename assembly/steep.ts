/** The second step: the steep filter from 24 to 16 kHz. */

/**
 * The steep filter, two outputs from three inputs, for `groups` groups of 12 inputs; see
 * `sharp-filter.ts` for strands and products. What the strands still need is moved to their start.
 */
export function sharpen(
  taps: usize,
  reach: usize,
  u: usize,
  strands: usize,
  strand: usize,
  groups: usize,
  products: usize,
  out: usize,
): void {
  const bytes = strand << 2;
  const kept = (reach - 1) << 2;
  for (let j: usize = 0; j < 3; j++)
    split(u + (j << 2), groups, strands + j * bytes + kept, 3 * bytes);
  for (let q: usize = 0; q < 9; q++) {
    multiply(taps, reach, strands, bytes, groups, products);
    taps += reach * 24;
    strands += 3 * bytes;
    products += 2 * bytes;
  }
  merge(products - 18 * bytes, bytes, groups, out);
  strands -= 27 * bytes;
  for (let i = 0; i < 27; i++) {
    memory.copy(strands, strands + (groups << 2), kept);
    strands += bytes;
  }
}

/** One plane of the input to its nine strands, four groups at a time. */
function split(u: usize, groups: usize, to: usize, far: usize): void {
  for (let group: usize = 0; group < groups; group += 4) {
    const a = gather(u);
    const b = gather(u + 12);
    const c = gather(u + 24);
    const d = gather(u + 36);
    const e = gather(u + 48);
    const f = gather(u + 60);
    const g = gather(u + 72);
    const cd = f32x4.sub(c, d);
    const ed = f32x4.sub(e, d);
    v128.store(to, f32x4.sub(f32x4.sub(a, b), cd));
    v128.store(to + far, cd);
    v128.store(to + 2 * far, f32x4.sub(f32x4.sub(e, f), cd));
    v128.store(to + 3 * far, f32x4.sub(b, d));
    v128.store(to + 4 * far, d);
    v128.store(to + 5 * far, f32x4.sub(f, d));
    v128.store(to + 6 * far, f32x4.sub(f32x4.sub(c, b), ed));
    v128.store(to + 7 * far, ed);
    v128.store(to + 8 * far, f32x4.sub(f32x4.sub(g, f), ed));
    u += 192;
    to += 16;
  }
}

/** Every twelfth sample. */
function gather(u: usize): v128 {
  let v = v128.load32_zero(u);
  v = v128.load_lane<f32>(u, v, 1, 48);
  v = v128.load_lane<f32>(u, v, 2, 96);
  return v128.load_lane<f32>(u, v, 3, 144);
}

/** One product: three strands by their taps, for even outputs and, `bytes` further on, odd ones. */
function multiply(
  taps: usize,
  reach: usize,
  strands: usize,
  bytes: usize,
  groups: usize,
  to: usize,
): void {
  let group: usize = 0;
  for (; group + 16 <= groups; group += 16) {
    sixteenGroups(taps, reach << 2, strands, bytes, to);
    strands += 64;
    to += 64;
  }
  for (; group < groups; group += 4) {
    fourGroups(taps, reach << 2, strands, bytes, to);
    strands += 16;
    to += 16;
  }
}

function sixteenGroups(tap: usize, window: usize, strand: usize, bytes: usize, to: usize): void {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  for (let j: usize = 0; j < 3; j++) {
    let from = strand;
    const end = from + window;
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
    strand += bytes;
  }
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
  v128.store(to + bytes, e);
  v128.store(to + bytes, f, 16);
  v128.store(to + bytes, g, 32);
  v128.store(to + bytes, h, 48);
}

function fourGroups(tap: usize, window: usize, strand: usize, bytes: usize, to: usize): void {
  let even = f32x4.splat(0);
  let odd = even;
  for (let j: usize = 0; j < 3; j++) {
    let from = strand;
    const end = from + window;
    while (from < end) {
      const x = v128.load(from);
      even = f32x4.add(even, f32x4.mul(x, v128.load_splat<f32>(tap)));
      odd = f32x4.add(odd, f32x4.mul(x, v128.load_splat<f32>(tap, 4)));
      from += 4;
      tap += 8;
    }
    strand += bytes;
  }
  v128.store(to, even);
  v128.store(to + bytes, odd);
}

/** Nine products to eight outputs a group, four groups at a time. */
function merge(p: usize, bytes: usize, groups: usize, out: usize): void {
  for (let group: usize = 0; group < groups; group += 4) {
    for (let half: usize = 0; half < 2; half++) {
      // The first two rows of a group, then the other two: they differ in one of three products.
      const at = p + 4 * half * bytes;
      const even = f32x4.add(v128.load(p + 8 * bytes), v128.load(at + 6 * bytes));
      const odd = f32x4.add(v128.load(p + 9 * bytes), v128.load(at + 7 * bytes));
      const a = f32x4.add(even, f32x4.add(v128.load(p + 2 * bytes), v128.load(at)));
      const b = f32x4.add(odd, f32x4.add(v128.load(p + 3 * bytes), v128.load(at + bytes)));
      const c = f32x4.add(even, f32x4.add(v128.load(p + 14 * bytes), v128.load(at + 12 * bytes)));
      const d = f32x4.add(odd, f32x4.add(v128.load(p + 15 * bytes), v128.load(at + 13 * bytes)));
      const e = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
      const f = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const g = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const h = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      const to = out + (half << 4);
      v128.store(to, v128.shuffle<f32>(e, f, 0, 1, 4, 5));
      v128.store(to, v128.shuffle<f32>(e, f, 2, 3, 6, 7), 32);
      v128.store(to, v128.shuffle<f32>(g, h, 0, 1, 4, 5), 64);
      v128.store(to, v128.shuffle<f32>(g, h, 2, 3, 6, 7), 96);
    }
    p += 16;
    out += 128;
  }
}
