/**
 * The WAV family, one forward pass: RIFF/WAVE, RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088: 64-bit
 * sizes in a `ds64` chunk) and Sony's W64 (GUIDs for names, 64-bit sizes that include the head,
 * 8-byte alignment). Chunk order is free except that `fmt ` comes before the data.
 */
import { type Encoding, faultOfFormat, MAX_CHANNELS, type PcmFormat } from "./format.ts";
import { code, FormatFault, type HeaderParser, type PcmHeader, take, type Want } from "./header.ts";

/** Parses from the first byte of the file. */
export function* parseWav(): HeaderParser {
  const head = yield* take(12);
  const name = code(head, 0);
  if (name === "riff") return yield* parseW64();
  if (name !== "RIFF" && name !== "RF64" && name !== "BW64") {
    throw new FormatFault("it has no WAV header");
  }
  if (code(head, 8) !== "WAVE") throw new FormatFault(`it is RIFF but not WAVE`);
  const container = name === "RIFF" ? "wav" : name.toLowerCase();
  let format: PcmFormat | undefined;
  let longData: number | undefined;
  for (;;) {
    const chunk = yield* take(8);
    const size = chunk.getUint32(4, true);
    const id = code(chunk, 0);
    if (id === "data") return header(container, format, dataBytes(size, longData));
    if (id === "fmt ") format = yield* parseFormat(size);
    else if (id === "ds64" && size >= 24) longData = yield* parseLongSizes(size);
    else yield { skip: size };
    if (size % 2 === 1) yield { skip: 1 };
  }
}

/** 0 and 0xffffffff stand in files whose writer could not seek back: to the end. */
function dataBytes(size: number, longData: number | undefined): number | undefined {
  if (size === 0xffff_ffff) return longData === 0 ? undefined : longData;
  return size === 0 ? undefined : size;
}

function header(
  container: string,
  format: PcmFormat | undefined,
  bytes: number | undefined,
): PcmHeader {
  if (format === undefined) throw new FormatFault("its data comes before its format");
  return { container, format, dataBytes: bytes };
}

function* parseLongSizes(size: number): Generator<Want, number, Uint8Array> {
  const view = yield* take(24);
  yield { skip: size - 24 };
  return unsigned64(view, 8);
}

/** Sizes above 2^53 cannot be real: held there. */
function unsigned64(view: DataView, offset: number): number {
  const value = view.getUint32(offset + 4, true) * 2 ** 32 + view.getUint32(offset, true);
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

const W64_TAIL = "f3acd3118cd100c04f8edb8a";

function* parseW64(): HeaderParser {
  yield* take(12);
  const form = yield* take(16);
  if (code(form, 0) !== "wave") throw new FormatFault("it is W64 but not audio");
  let format: PcmFormat | undefined;
  for (;;) {
    const chunk = yield* take(24);
    const size = unsigned64(chunk, 16);
    const id = code(chunk, 0);
    if (size < 24 || hex(chunk, 4, 12) !== W64_TAIL) {
      throw new FormatFault("its W64 chunks are damaged");
    }
    const body = size - 24;
    if (id === "data") return header("w64", format, body === 0 ? undefined : body);
    if (id === "fmt ") format = yield* parseFormat(body);
    else yield { skip: body };
    yield { skip: (8 - (size % 8)) % 8 };
  }
}

function hex(view: DataView, offset: number, count: number): string {
  return Array.from({ length: count }, (_, i) =>
    view
      .getUint8(offset + i)
      .toString(16)
      .padStart(2, "0"),
  ).join("");
}

/** WAVEFORMAT tags (RFC 2361) that are plain samples. */
const TAG = { pcm: 1, float: 3, alaw: 6, mulaw: 7, extensible: 0xfffe } as const;
/** The fixed part of the GUIDs that carry a tag in their first two bytes. */
const SUBFORMAT_TAIL = "000000001000800000aa00389b71";

function* parseFormat(size: number): Generator<Want, PcmFormat, Uint8Array> {
  if (size < 14) throw new FormatFault("its format chunk is too short");
  const view = yield* take(Math.min(size, 40));
  yield { skip: size - view.byteLength };
  const bits = view.byteLength >= 16 ? view.getUint16(14, true) : 8;
  const channels = view.getUint16(2, true);
  const blockAlign = view.getUint16(12, true);
  let tag = view.getUint16(0, true);
  let channelMask = 0;
  if (tag === TAG.extensible) {
    if (view.byteLength < 40) throw new FormatFault("its extensible format is cut short");
    channelMask = view.getUint32(20, true);
    tag = hex(view, 26, 14) === SUBFORMAT_TAIL ? view.getUint16(24, true) : TAG.extensible;
  }
  if (channels === 0 || channels > MAX_CHANNELS) {
    throw new FormatFault(`its header claims ${channels} channels`);
  }
  const width = blockAlign % channels === 0 ? blockAlign / channels : Math.ceil(bits / 8);
  const encoding = encodingOf(tag, bits, width === 0 ? Math.ceil(bits / 8) : width);
  const format = { encoding, rate: view.getUint32(4, true), channels, channelMask };
  const fault = faultOfFormat(format);
  if (fault !== undefined) throw new FormatFault(`its header is not credible: ${fault}`);
  return format;
}

/** Tags whose samples need a decoder, as people call them. */
const CODED: Readonly<Record<number, string>> = {
  0x02: "MS ADPCM",
  0x11: "IMA ADPCM",
  0x31: "GSM 6.10",
  0x50: "MPEG",
  0x55: "MP3",
  0x28f: "G.722",
};

/** A WAV whose samples are compressed: the driver hands it to a decoder. */
export class CodedWavFault extends FormatFault {}

/** Bits say the precision, `width` bytes the container of a sample; 20 bits stand high in 24. */
function encodingOf(tag: number, bits: number, width: number): Encoding {
  if (tag === TAG.mulaw && width === 1) return "mulaw";
  if (tag === TAG.alaw && width === 1) return "alaw";
  if (tag === TAG.float && width === 4) return "f32le";
  if (tag === TAG.float && width === 8) return "f64le";
  if (tag === TAG.pcm && bits <= width * 8) {
    const encoding = ([undefined, "u8", "s16le", "s24le", "s32le"] as const)[width];
    if (encoding !== undefined) return encoding;
  }
  const known = tag === TAG.pcm || tag === TAG.float || tag === TAG.mulaw || tag === TAG.alaw;
  if (known) throw new FormatFault(`its samples of ${bits} bits in ${width} bytes are not usual`);
  throw new CodedWavFault(`its samples are ${CODED[tag] ?? `coded (tag 0x${tag.toString(16)})`}`);
}
