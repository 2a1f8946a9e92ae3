/**
 * A small FLAC encoder for 16-bit mono (RFC 9639): fixed predictors and partitioned Rice codes, no
 * search. Speech gets to about half its size, and every sample comes back.
 */
import { BitWriter, crc16, crc8 } from "./flac-bits.ts";

/** Frames of one block; the last one may be shorter. */
export const FLAC_BLOCK = 4096;

const PARTITION_ORDER = 3;
const MAX_ORDER = 4;
/** Rice parameters of 4 bits; 15 would mean "not coded". */
const MAX_PARAMETER = 14;

/** `fLaC` and STREAMINFO, 42 bytes. @param frames of the whole stream. */
export function flacHeader(frames: number, rate: number): Uint8Array {
  const bits = new BitWriter(42);
  bits.write(0x664c6143, 32);
  bits.write(0x80, 8);
  bits.write(34, 24);
  bits.write(FLAC_BLOCK, 16);
  bits.write(FLAC_BLOCK, 16);
  // Sizes of frames are unknown (0), and so is the MD5 of the samples.
  bits.write(0, 24);
  bits.write(0, 24);
  bits.write(rate, 20);
  bits.write(0, 3);
  bits.write(15, 5);
  bits.write(Math.floor(frames / 2 ** 32), 4);
  bits.write(frames >>> 0, 32);
  for (let word = 0; word < 4; word += 1) bits.write(0, 32);
  return bits.bytes();
}

/**
 * One frame of the stream.
 *
 * @param samples `FLAC_BLOCK` of them, fewer (at least 1) only in the last frame.
 * @param number counted from 0.
 */
export function flacFrame(samples: Int16Array, number: number): Uint8Array {
  const bits = new BitWriter(samples.length * 2 + 64);
  frameHeader(bits, samples.length, number);
  if (samples.every((sample) => sample === samples[0])) {
    bits.write(0, 8);
    bits.write((samples[0] ?? 0) & 0xffff, 16);
  } else {
    subframe(bits, samples);
  }
  bits.align();
  bits.write(crc16(bits.bytes()), 16);
  return bits.bytes();
}

/** RFC 9639 §9.1: fixed block size, 16 kHz, mono, 16 bits. */
function frameHeader(bits: BitWriter, length: number, number: number): void {
  bits.write(0xfff8, 16);
  const whole = length === FLAC_BLOCK;
  bits.write(whole ? 0b1100 : 0b0111, 4);
  bits.write(0b0101, 4);
  bits.write(0b0000_100_0, 8);
  codedNumber(bits, number);
  if (!whole) bits.write(length - 1, 16);
  bits.write(crc8(bits.bytes()), 8);
}

/** The frame's number in the way UTF-8 codes characters (RFC 9639 §9.1.5). */
function codedNumber(bits: BitWriter, number: number): void {
  if (number < 0x80) {
    bits.write(number, 8);
    return;
  }
  let continuations = 1;
  while (number >= 2 ** (continuations * 5 + 6)) continuations += 1;
  const lead = (0xff << (7 - continuations)) & 0xff;
  bits.write(lead | Math.floor(number / 2 ** (continuations * 6)), 8);
  for (let left = continuations - 1; left >= 0; left -= 1) {
    bits.write(0x80 | (Math.floor(number / 2 ** (left * 6)) & 0x3f), 8);
  }
}

/** RFC 9639 §9.2: the fixed predictor with the smallest residual, or the samples as they are. */
function subframe(bits: BitWriter, samples: Int16Array): void {
  const order = bestOrder(samples);
  const residual = residualOf(samples, order);
  const split = samples.length % 2 ** PARTITION_ORDER === 0 && samples.length >= 256;
  const partitions = split ? 2 ** PARTITION_ORDER : 1;
  const parameters = riceParameters(residual, order, samples.length, partitions);
  if (parameters.bits + order * 16 >= samples.length * 16) {
    bits.write(0b0_000001_0, 8);
    for (const sample of samples) bits.write(sample & 0xffff, 16);
    return;
  }
  bits.write((0b001000 | order) << 1, 8);
  for (let at = 0; at < order; at += 1) bits.write((samples[at] ?? 0) & 0xffff, 16);
  bits.write(0, 2);
  bits.write(split ? PARTITION_ORDER : 0, 4);
  let at = order;
  for (const [partition, parameter] of parameters.each.entries()) {
    bits.write(parameter, 4);
    const end = ((partition + 1) * samples.length) / partitions;
    for (; at < end; at += 1) bits.writeRice(residual[at] ?? 0, parameter);
  }
}

function bestOrder(samples: Int16Array): number {
  if (samples.length <= MAX_ORDER) return 0;
  let [sum0, sum1, sum2, sum3, sum4] = [0, 0, 0, 0, 0];
  let [last0, last1, last2, last3] = [0, 0, 0, 0];
  for (let at = 0; at < samples.length; at += 1) {
    const zero = samples[at] ?? 0;
    const first = zero - last0;
    const second = first - last1;
    const third = second - last2;
    if (at >= MAX_ORDER) {
      sum0 += Math.abs(zero);
      sum1 += Math.abs(first);
      sum2 += Math.abs(second);
      sum3 += Math.abs(third);
      sum4 += Math.abs(third - last3);
    }
    last0 = zero;
    last1 = first;
    last2 = second;
    last3 = third;
  }
  const sums = [sum0, sum1, sum2, sum3, sum4];
  return sums.indexOf(Math.min(...sums));
}

/** Zigzag-folded, so that small numbers of either sign are small. */
function residualOf(samples: Int16Array, order: number): Uint32Array {
  const values = new Int32Array(samples);
  for (let round = 0; round < order; round += 1) {
    for (let at = values.length - 1; at > round; at -= 1) {
      values[at] = (values[at] ?? 0) - (values[at - 1] ?? 0);
    }
  }
  const folded = new Uint32Array(values.length);
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0;
    folded[at] = (value << 1) ^ (value >> 31);
  }
  return folded;
}

function riceParameters(
  residual: Uint32Array,
  order: number,
  length: number,
  partitions: number,
): { readonly each: readonly number[]; readonly bits: number } {
  const each: number[] = [];
  let bits = 6;
  let at = order;
  for (let partition = 0; partition < partitions; partition += 1) {
    const end = ((partition + 1) * length) / partitions;
    let sum = 0;
    for (let next = at; next < end; next += 1) sum += residual[next] ?? 0;
    const count = end - at;
    let parameter = 0;
    while (parameter < MAX_PARAMETER && count * 2 ** (parameter + 1) < sum) parameter += 1;
    each.push(parameter);
    bits += 4 + count * (1 + parameter) + sum / 2 ** parameter;
    at = end;
  }
  return { each, bits };
}
