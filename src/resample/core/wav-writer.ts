/** The header of a WAV file of 16 kHz mono s16le. */
import { TARGET_RATE } from "./format.ts";

export const WAV_HEADER_BYTES = 44;
const UNKNOWN = 0xffff_ffff;

/**
 * @param dataBytes bytes of audio; absent or too large for the format's 32 bits: "to the end"
 */
export function wavHeader(dataBytes?: number): Uint8Array<ArrayBuffer> {
  const known = dataBytes !== undefined && dataBytes <= UNKNOWN - WAV_HEADER_BYTES;
  const view = new DataView(new ArrayBuffer(WAV_HEADER_BYTES));
  const letters = (at: number, text: string): void => {
    for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.codePointAt(i) ?? 0);
  };
  letters(0, "RIFF");
  view.setUint32(4, known ? dataBytes + WAV_HEADER_BYTES - 8 : UNKNOWN, true);
  letters(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, TARGET_RATE, true);
  view.setUint32(28, TARGET_RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  letters(36, "data");
  view.setUint32(40, known ? dataBytes : UNKNOWN, true);
  return new Uint8Array(view.buffer);
}
