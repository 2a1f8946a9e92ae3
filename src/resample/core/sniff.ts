/** What kind of file this is, from its first bytes: enough to choose who reads it. */

/** Bytes that {@link sniff} wants to see; a shorter input is judged by what there is. */
export const SNIFF_BYTES = 16;

/**
 * - `wav`: RIFF, RF64, BW64 or W64, read here
 * - `stream`: compressed, and a decoder can read it from first byte to last
 * - `file`: compressed, and a decoder may have to seek in it (an MP4 with its index at the end)
 */
export type Kind = "wav" | "stream" | "file";

const WAV = ["RIFF", "RF64", "BW64", "riff"];
/** ID3 and FLAC tags, Ogg, AMR, AIFF, Sun au; EBML (Matroska and WebM) and MPEG frames are below. */
const STREAMS = ["ID3", "fLaC", "OggS", "#!AMR", "FORM", ".snd"];
const EBML = [0x1a, 0x45, 0xdf, 0xa3];

export function sniff(head: Uint8Array): Kind {
  const text = String.fromCodePoint(...head.subarray(0, 12));
  if (WAV.some((name) => text.startsWith(name))) return text.startsWith("AVI", 8) ? "file" : "wav";
  if (STREAMS.some((name) => text.startsWith(name))) return "stream";
  if (EBML.every((byte, i) => head[i] === byte)) return "stream";
  // MPEG audio and ADTS begin each frame with 11 or 12 bits set.
  const [first = 0, second = 0] = head;
  return first === 0xff && (second & 0xe0) === 0xe0 ? "stream" : "file";
}
