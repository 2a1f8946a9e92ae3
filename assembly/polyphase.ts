/** The first step: dot products with a table of coefficients. */

/**
 * Polyphase: each output is one dot product over `taps` (a multiple of 16) inputs. Outputs that lie
 * `phases` apart have the same coefficients: four of them at a time share their loads.
 */
export function interpolate(
  x: usize,
  table: usize,
  taps: usize,
  phases: usize,
  step: usize,
  phase: usize,
  outputs: usize,
  out: usize,
): void {
  const bytes = taps << 2;
  const jump = (step / phases) << 2;
  const rest = step % phases;
  const end = out + (outputs << 2);
  const last = min(out + (phases << 2), end);
  for (; out < last; out += 4) {
    const c = table + phase * bytes;
    let from = x;
    let to = out;
    for (; to + 3 * (phases << 2) < end; to += phases << 4) {
      fourDots(from, step << 2, c, bytes, to, phases << 2);
      from += step << 4;
    }
    for (; to < end; to += phases << 2) {
      dot(from, c, bytes, to);
      from += step << 2;
    }
    x += jump;
    phase += rest;
    if (phase >= phases) {
      phase -= phases;
      x += 4;
    }
  }
}

function dot(p: usize, c: usize, bytes: usize, to: usize): void {
  let a = f32x4.splat(0);
  let b = a;
  const end = p + bytes;
  while (p < end) {
    a = f32x4.add(a, f32x4.mul(v128.load(p), v128.load(c)));
    b = f32x4.add(b, f32x4.mul(v128.load(p, 16), v128.load(c, 16)));
    p += 32;
    c += 32;
  }
  const s = f32x4.add(a, b);
  const t = f32x4.add(s, v128.shuffle<f32>(s, s, 2, 3, 0, 1));
  store<f32>(to, f32x4.extract_lane(t, 0) + f32x4.extract_lane(t, 1));
}

/** The same for four windows that lie `far` bytes apart, with results `apart` bytes apart. */
function fourDots(p: usize, far: usize, c: usize, bytes: usize, to: usize, apart: usize): void {
  let a = f32x4.splat(0);
  let b = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  let i = a;
  let q = p + far;
  let r = q + far;
  let s = r + far;
  const end = p + bytes;
  while (p < end) {
    let k = v128.load(c);
    a = f32x4.add(a, f32x4.mul(v128.load(p), k));
    d = f32x4.add(d, f32x4.mul(v128.load(q), k));
    f = f32x4.add(f, f32x4.mul(v128.load(r), k));
    h = f32x4.add(h, f32x4.mul(v128.load(s), k));
    k = v128.load(c, 16);
    b = f32x4.add(b, f32x4.mul(v128.load(p, 16), k));
    e = f32x4.add(e, f32x4.mul(v128.load(q, 16), k));
    g = f32x4.add(g, f32x4.mul(v128.load(r, 16), k));
    i = f32x4.add(i, f32x4.mul(v128.load(s, 16), k));
    p += 32;
    q += 32;
    r += 32;
    s += 32;
    c += 32;
  }
  a = halves(f32x4.add(a, b), f32x4.add(d, e));
  f = halves(f32x4.add(f, g), f32x4.add(h, i));
  a = f32x4.add(v128.shuffle<f32>(a, f, 0, 2, 4, 6), v128.shuffle<f32>(a, f, 1, 3, 5, 7));
  v128.store_lane<f32>(to, a, 0);
  v128.store_lane<f32>(to + apart, a, 1);
  v128.store_lane<f32>(to + 2 * apart, a, 2);
  v128.store_lane<f32>(to + 3 * apart, a, 3);
}

/** Lanes 0 and 1 of each vector plus its lanes 2 and 3. */
function halves(s: v128, t: v128): v128 {
  return f32x4.add(v128.shuffle<f32>(s, t, 0, 1, 4, 5), v128.shuffle<f32>(s, t, 2, 3, 6, 7));
}
