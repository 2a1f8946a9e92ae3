/** 16 kHz mono chunks as a WAV file, written as they come; the sizes are filled in at the end. */
import { open } from "node:fs/promises";

const HEADER_BYTES = 44;

/** @param chunks s16le, 16 kHz, mono. @returns seconds written. */
export async function writeWavFile(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<number> {
  const file = await open(path, "wx");
  try {
    let bytes = 0;
    for await (const chunk of chunks) {
      await file.write(chunk, 0, chunk.length, HEADER_BYTES + bytes);
      bytes += chunk.length;
    }
    await file.write(wavHeader(bytes), 0, HEADER_BYTES, 0);
    return bytes / 32_000;
  } finally {
    await file.close();
  }
}

function wavHeader(dataBytes: number): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(Math.min(36 + dataBytes, 0xffff_ffff), 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(16_000, 24);
  header.writeUInt32LE(32_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(Math.min(dataBytes, 0xffff_ffff), 40);
  return header;
}
