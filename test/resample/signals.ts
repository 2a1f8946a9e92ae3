/** Signals, files and measures that the tests of this room share. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** A small, fast generator of numbers in [0, 1) that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A sine of this frequency, amplitude 0.891 (-1 dBFS) unless said. */
export function tone(rate: number, hertz: number, frames: number, amplitude = 0.891): Float64Array {
  return Float64Array.from(
    { length: frames },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hertz * i) / rate),
  );
}

export function toS16le(samples: Float64Array): Bytes {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, i) => {
    view.setInt16(2 * i, Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))), true);
  });
  return bytes;
}

export function fromS16le(bytes: Uint8Array): Int16Array {
  return new Int16Array(bytes.slice().buffer);
}

export function join(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function ascii(text: string): Bytes {
  return Uint8Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
}

export function u32(value: number): Bytes {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

export interface WavShape {
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  /** Size in the data chunk's head; default: the true one. */
  readonly dataSize?: number;
  /** Bytes between the format chunk and the data chunk. */
  readonly between?: Uint8Array;
  /** Bytes before the format chunk. */
  readonly before?: Uint8Array;
}

/** A RIFF/WAVE file around these bytes. */
export function wav(data: Uint8Array, shape: WavShape = {}): Bytes {
  const { tag = 1, channels = 1, rate = 16_000, bits = 16 } = shape;
  const block = (channels * bits) / 8;
  const format = new DataView(new ArrayBuffer(16));
  format.setUint16(0, tag, true);
  format.setUint16(2, channels, true);
  format.setUint32(4, rate, true);
  format.setUint32(8, rate * block, true);
  format.setUint16(12, block, true);
  format.setUint16(14, bits, true);
  const body = join([
    ascii("WAVE"),
    shape.before ?? new Uint8Array(0),
    ascii("fmt "),
    u32(16),
    new Uint8Array(format.buffer),
    shape.between ?? new Uint8Array(0),
    ascii("data"),
    u32(shape.dataSize ?? data.length),
    data,
  ]);
  return join([ascii("RIFF"), u32(body.length), body]);
}

/** An AIFF of these samples, mono: a container that goes through a decoder and loses nothing. */
export function aiffOf(s16le: Uint8Array, rate: number): Bytes {
  const samples = s16le.length / 2;
  const view = new DataView(new ArrayBuffer(54 + s16le.length));
  const letters = (at: number, text: string): void => {
    ascii(text).forEach((letter, i) => {
      view.setUint8(at + i, letter);
    });
  };
  letters(0, "FORM");
  view.setUint32(4, view.byteLength - 8);
  letters(8, "AIFFCOMM");
  view.setUint32(16, 18);
  view.setUint16(20, 1);
  view.setUint32(22, samples);
  view.setUint16(26, 16);
  // The rate in 80 bits: a biased exponent, and a mantissa whose first bit is set.
  const exponent = Math.floor(Math.log2(rate));
  view.setUint16(28, 16_383 + exponent);
  view.setUint32(30, rate * 2 ** (31 - exponent));
  letters(38, "SSND");
  view.setUint32(42, 8 + s16le.length);
  const from = new DataView(s16le.buffer, s16le.byteOffset, s16le.byteLength);
  for (let i = 0; i < samples; i++) view.setInt16(54 + 2 * i, from.getInt16(2 * i, true));
  return new Uint8Array(view.buffer);
}

/** Cuts bytes into pieces whose lengths the function gives. */
export function* cut(bytes: Uint8Array, next: () => number): Generator<Uint8Array, void> {
  for (let at = 0; at < bytes.length;) {
    const size = Math.max(1, next());
    // A copy in its own buffer at an odd address, so that nothing relies on alignment.
    const shifted = new Uint8Array(Math.min(size, bytes.length - at) + 1).subarray(1);
    shifted.set(bytes.subarray(at, at + size));
    yield shifted;
    at += size;
  }
}

export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void> {
  yield* cut(bytes, () => size);
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export function decibels(ratio: number): number {
  return 20 * Math.log10(ratio);
}

/** Root mean square of a stretch. */
export function rms(samples: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += (samples[i] ?? 0) ** 2;
  return Math.sqrt(sum / (to - from));
}

/** The error thrown by a promise or a function, or undefined. */
export async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  }
}
