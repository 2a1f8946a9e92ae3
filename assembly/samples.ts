/** 16-bit samples to floats and back. */

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
