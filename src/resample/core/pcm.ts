/**
 * Samples as bytes to samples as numbers. Full scale is 1: integers of `b` bits are divided by
 * `2^(b-1)`, so that a 16-bit sample passes through the whole pipeline at 16 kHz bit for bit.
 */
import { type Encoding } from "./format.ts";
import { ALAW, MULAW } from "./g711.ts";

/** Reads `count` samples that start at byte `offset`, into `out` from index `at`. */
export type SampleReader = (
  view: DataView,
  offset: number,
  count: number,
  out: Float32Array,
  at: number,
) => void;

/** One value read from one place. */
type ValueReader = (view: DataView, offset: number) => number;

const SCALE_8 = 1 / 0x80;
const SCALE_16 = 1 / 0x8000;
const SCALE_24 = 1 / 0x80_0000;
const SCALE_32 = 1 / 0x8000_0000;

/** How this machine writes numbers. */
export const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

const READERS: Readonly<Record<Encoding, SampleReader>> = {
  u8: each(1, (view, offset) => (view.getUint8(offset) - 0x80) * SCALE_8),
  s8: each(1, (view, offset) => view.getInt8(offset) * SCALE_8),
  mulaw: each(1, (view, offset) => (MULAW[view.getUint8(offset)] ?? 0) * SCALE_16),
  alaw: each(1, (view, offset) => (ALAW[view.getUint8(offset)] ?? 0) * SCALE_16),
  s16le: readS16le,
  s16be: each(2, (view, offset) => view.getInt16(offset, false) * SCALE_16),
  s24le: each(
    3,
    (view, offset) => ((view.getInt8(offset + 2) << 16) | view.getUint16(offset, true)) * SCALE_24,
  ),
  s24be: each(
    3,
    (view, offset) => ((view.getInt8(offset) << 16) | view.getUint16(offset + 1, false)) * SCALE_24,
  ),
  s32le: each(4, (view, offset) => view.getInt32(offset, true) * SCALE_32),
  s32be: each(4, (view, offset) => view.getInt32(offset, false) * SCALE_32),
  f32le: each(4, (view, offset) => finite(view.getFloat32(offset, true))),
  f32be: each(4, (view, offset) => finite(view.getFloat32(offset, false))),
  f64le: each(8, (view, offset) => finite(view.getFloat64(offset, true))),
  f64be: each(8, (view, offset) => finite(view.getFloat64(offset, false))),
};

/** The reader for an encoding. Floats that are no numbers become silence, huge ones are held at ±64. */
export function sampleReader(encoding: Encoding): SampleReader {
  return READERS[encoding];
}

/** A single NaN would poison every output the filter can see it from. */
function finite(value: number): number {
  return value > -64 ? (value < 64 ? value : 64) : value <= -64 ? -64 : 0;
}

function each(bytes: number, read: ValueReader): SampleReader {
  return (view, offset, count, out, at) => {
    for (let i = 0; i < count; i++) out[at + i] = read(view, offset + i * bytes);
  };
}

/** The common case, through an `Int16Array` when the machine and the address allow it. */
function readS16le(
  view: DataView,
  offset: number,
  count: number,
  out: Float32Array,
  at: number,
): void {
  const address = view.byteOffset + offset;
  if (!LITTLE_ENDIAN || (address & 1) !== 0) {
    for (let i = 0; i < count; i++) out[at + i] = view.getInt16(offset + 2 * i, true) * SCALE_16;
    return;
  }
  const samples = new Int16Array(view.buffer, address, count);
  for (let i = 0; i < count; i++) out[at + i] = (samples[i] ?? 0) * SCALE_16;
}
