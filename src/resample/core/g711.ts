/**
 * ITU-T G.711 as tables of 256 entries: what a telephone line carries, 8 bits that span 13 or 14.
 * Values are in units of the 16-bit scale, as in the reference code of ITU-T G.191.
 */

/** µ-law (North America, Japan): byte to 16-bit value. */
export const MULAW: Int16Array = table(mulawValue);
/** A-law (elsewhere): byte to 16-bit value. */
export const ALAW: Int16Array = table(alawValue);

function table(valueOf: (byte: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, byte) => valueOf(byte));
}

/** Bytes go over the line inverted; 4 bits of step, 3 of segment, 1 of sign; bias 33 at 14 bits. */
function mulawValue(byte: number): number {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return code & 0x80 ? -magnitude : magnitude;
}

/** Every other bit goes over the line inverted; segment 0 is linear and the rest double. */
function alawValue(byte: number): number {
  const code = byte ^ 0x55;
  const segment = (code >> 4) & 7;
  const step = ((code & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return code & 0x80 ? magnitude : -magnitude;
}
