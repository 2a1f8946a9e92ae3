/** Bits, most significant first, and the two checksums of FLAC (RFC 9639 §9.1.8, §9.3). */
export class BitWriter {
  #buffer: Uint8Array;
  #length = 0;
  #held = 0;
  #heldBits = 0;

  constructor(capacity: number) {
    this.#buffer = new Uint8Array(capacity);
  }

  /** The lowest `count` bits, 0 to 32. */
  write(value: number, count: number): void {
    let left = count;
    if (left > 16) {
      this.#put((value >>> 16) & ((1 << (left - 16)) - 1), left - 16);
      left = 16;
    }
    this.#put(value & ((1 << left) - 1), left);
  }

  /** A Rice code: the quotient in unary, then `parameter` bits. */
  writeRice(value: number, parameter: number): void {
    let zeros = value >>> parameter;
    if (zeros + 1 + parameter <= 16) {
      this.#put((1 << parameter) | (value & ((1 << parameter) - 1)), zeros + 1 + parameter);
      return;
    }
    for (; zeros >= 16; zeros -= 16) this.#put(0, 16);
    this.#put(1, zeros + 1);
    this.#put(value & ((1 << parameter) - 1), parameter);
  }

  /** Zero bits up to the next whole byte. */
  align(): void {
    if (this.#heldBits > 0) this.write(0, 8 - this.#heldBits);
  }

  /** The whole bytes so far; good until the next write. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** At most 16 clean bits: with the 7 that may be held they fit an integer. */
  #put(value: number, count: number): void {
    if (this.#length + 4 > this.#buffer.length) {
      const larger = new Uint8Array(this.#buffer.length * 2 + 16);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#held = (this.#held << count) | value;
    this.#heldBits += count;
    while (this.#heldBits >= 8) {
      this.#heldBits -= 8;
      this.#buffer[this.#length] = (this.#held >>> this.#heldBits) & 0xff;
      this.#length += 1;
    }
    this.#held &= (1 << this.#heldBits) - 1;
  }
}

const CRC8 = tableOf(8, 0x07);
const CRC16 = tableOf(16, 0x8005);

export function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = CRC8[crc ^ byte] ?? 0;
  return crc;
}

export function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (CRC16[(crc >> 8) ^ byte] ?? 0);
  return crc;
}

function tableOf(width: number, polynomial: number): Uint16Array {
  const top = 2 ** (width - 1);
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << (width - 8);
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc & top) === 0 ? crc << 1 : (crc << 1) ^ polynomial;
    }
    return crc & (2 ** width - 1);
  });
}
