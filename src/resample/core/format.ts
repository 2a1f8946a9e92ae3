/**
 * What uncompressed audio looks like: how one sample is written, how many samples a second, how
 * many channels a frame.
 */

/** The sample rate everything is turned into, in Hz. */
export const TARGET_RATE = 16_000;
/** Lowest and highest rate that is read, in Hz. */
export const RATE_LIMITS = { lowest: 4_000, highest: 384_000 } as const;
/** Most channels in a frame; a header that claims more is taken for damage. */
export const MAX_CHANNELS = 64;

/** Bytes of one sample. */
const BYTES = {
  u8: 1,
  s8: 1,
  mulaw: 1,
  alaw: 1,
  s16le: 2,
  s16be: 2,
  s24le: 3,
  s24be: 3,
  s32le: 4,
  s32be: 4,
  f32le: 4,
  f32be: 4,
  f64le: 8,
  f64be: 8,
} as const;

/** How one sample is written: kind, bits, byte order; G.711 by its two names. */
export type Encoding = keyof typeof BYTES;

/** Raw PCM: everything a header would say. Channels are interleaved. */
export interface RawFormat {
  /** How one sample is written. */
  readonly encoding: Encoding;
  /** Frames per second, {@link RATE_LIMITS}. */
  readonly rate: number;
  /** Samples per frame, 1–{@link MAX_CHANNELS}. */
  readonly channels: number;
}

/** PCM with the speaker of each channel, where the container says it. */
export interface PcmFormat extends RawFormat {
  /** WAVE speaker bits, lowest bit first channel; 0 or absent: the usual layout for the count. */
  readonly channelMask?: number;
}

/** Every encoding, for messages and completion. */
export const ENCODINGS = Object.keys(BYTES) as readonly Encoding[];

/** Bytes of one sample. */
export function bytesPerSample(encoding: Encoding): number {
  return BYTES[encoding];
}

/** Bytes of one frame: one sample for each channel. */
export function bytesPerFrame(format: RawFormat): number {
  return BYTES[format.encoding] * format.channels;
}

/**
 * Checks a format that a caller wrote.
 * @throws {RangeError} when a field is outside its limits.
 */
export function checkFormat(format: RawFormat): void {
  if (!Object.hasOwn(BYTES, format.encoding)) {
    throw new RangeError(
      `Cannot read raw audio: encoding must be one of ${ENCODINGS.join(", ")}, got ${format.encoding}`,
    );
  }
  const fault = faultOfFormat(format);
  if (fault !== undefined) throw new RangeError(`Cannot read raw audio: ${fault}`);
}

/** Why a rate or channel count cannot be read, or undefined when it can. */
export function faultOfFormat(format: RawFormat): string | undefined {
  const { rate, channels } = format;
  if (!Number.isInteger(channels) || channels < 1 || channels > MAX_CHANNELS) {
    return `channels must be 1 to ${MAX_CHANNELS}, got ${channels}`;
  }
  if (!Number.isInteger(rate) || rate < RATE_LIMITS.lowest || rate > RATE_LIMITS.highest) {
    return `rate must be ${RATE_LIMITS.lowest} to ${RATE_LIMITS.highest} Hz, got ${rate}`;
  }
  return undefined;
}
