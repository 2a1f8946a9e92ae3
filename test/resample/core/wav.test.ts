import { describe, expect, it } from "vitest";
import { FormatFault, HeaderReader, type PcmHeader } from "../../../src/resample/core/header.ts";
import { CodedWavFault, parseWav } from "../../../src/resample/core/wav.ts";
import { ascii, type Bytes, cut, join, u32, wav } from "../signals.ts";

const DATA = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** Reads a header from bytes cut into pieces, and what follows it. */
function read(bytes: Uint8Array, size = bytes.length): { header: PcmHeader; rest: Uint8Array } {
  const reader = new HeaderReader(parseWav());
  let header: PcmHeader | undefined;
  const rest: Uint8Array[] = [];
  for (const piece of cut(bytes, () => size)) {
    if (header === undefined) {
      header = reader.push(piece);
      if (header !== undefined) rest.push(reader.rest);
    } else rest.push(piece);
  }
  return { header: header ?? reader.end(), rest: join(rest) };
}

function faultOf(bytes: Uint8Array): unknown {
  try {
    read(bytes);
    return undefined;
  } catch (error) {
    return error;
  }
}

function chunk(id: string, body: Uint8Array, size = body.length): Bytes {
  return join([ascii(id), u32(size), body]);
}

/** A `fmt ` chunk of WAVEFORMATEXTENSIBLE. */
function extensible(tag: number, bits: number, channels: number, mask: number): Bytes {
  const view = new DataView(new ArrayBuffer(40));
  view.setUint16(0, 0xfffe, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, 48_000, true);
  view.setUint32(8, (48_000 * channels * bits) / 8, true);
  view.setUint16(12, (channels * bits) / 8, true);
  view.setUint16(14, bits, true);
  view.setUint16(16, 22, true);
  view.setUint16(18, bits, true);
  view.setUint32(20, mask, true);
  view.setUint16(24, tag, true);
  const tail = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
  tail.forEach((byte, i) => {
    view.setUint8(26 + i, byte);
  });
  return chunk("fmt ", new Uint8Array(view.buffer));
}

function riff(...chunks: Uint8Array[]): Bytes {
  return join([ascii("RIFF"), u32(0), ascii("WAVE"), ...chunks]);
}

describe("the WAV reader", () => {
  it.each([
    [1, 8, "u8"],
    [1, 16, "s16le"],
    [1, 24, "s24le"],
    [1, 32, "s32le"],
    [3, 32, "f32le"],
    [3, 64, "f64le"],
    [6, 8, "alaw"],
    [7, 8, "mulaw"],
  ])("reads format %i with %i bits as %s", (tag, bits, encoding) => {
    const { header, rest } = read(wav(DATA, { tag, bits, channels: 2, rate: 44_100 }));
    expect(header).toMatchObject({ container: "wav", dataBytes: 8 });
    expect(header.format).toMatchObject({ encoding, rate: 44_100, channels: 2 });
    expect(rest).toEqual(DATA);
  });

  it("gives the same header and the same audio for every cut", () => {
    const list = chunk("LIST", ascii("INFOISFT")); // an even chunk, then an odd one with its pad
    const odd = join([chunk("junk", ascii("abc")), Uint8Array.of(0)]);
    const file = wav(DATA, { before: list, between: odd });
    const results = Array.from({ length: file.length }, (_, i) => read(file, i + 1));
    expect(results).toEqual(results.map(() => read(file)));
  });

  it.each([
    [1, 24, "s24le"],
    [3, 32, "f32le"],
    [7, 8, "mulaw"],
  ])(
    "looks into the sub-format of an extensible header: tag %i, %i bits",
    (tag, bits, encoding) => {
      const { header } = read(riff(extensible(tag, bits, 6, 0x3f), chunk("data", DATA)));
      expect(header.format).toEqual({ encoding, rate: 48_000, channels: 6, channelMask: 0x3f });
    },
  );

  it.each([0, 0xffff_ffff])("takes a data size of %i for: to the end", (dataSize) => {
    expect(read(wav(DATA, { dataSize })).header.dataBytes).toBeUndefined();
  });

  it.each(["RF64", "BW64"])("reads 64-bit sizes in %s", (name) => {
    const sizes = new DataView(new ArrayBuffer(28));
    sizes.setUint32(8, 6, true);
    sizes.setUint32(12, 2, true);
    const plain = wav(DATA).subarray(12, 36);
    const file = join([
      ascii(name),
      u32(0xffff_ffff),
      ascii("WAVE"),
      chunk("ds64", new Uint8Array(sizes.buffer)),
      plain,
      chunk("data", DATA, 0xffff_ffff),
    ]);
    const { header, rest } = read(file, 5);
    expect(header).toMatchObject({ container: name.toLowerCase(), dataBytes: 2 * 2 ** 32 + 6 });
    expect(rest).toEqual(DATA);
  });

  it("reads W64 with its GUIDs, its sizes and its alignment", () => {
    const tail = [0xf3, 0xac, 0xd3, 0x11, 0x8c, 0xd1, 0, 0xc0, 0x4f, 0x8e, 0xdb, 0x8a];
    const guid = (id: string): Bytes => join([ascii(id), Uint8Array.from(tail)]);
    const riffGuid = join([
      ascii("riff"),
      Uint8Array.from([0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 4, 0xc1, 0, 0]),
    ]);
    const sized = (id: string, body: Uint8Array): Bytes =>
      join([
        guid(id),
        u32(24 + body.length),
        u32(0),
        body,
        new Uint8Array((8 - (body.length % 8)) % 8),
      ]);
    const file = join([
      riffGuid,
      u32(200),
      u32(0),
      guid("wave"),
      sized("fmt ", wav(DATA).subarray(20, 36)),
      sized("junk", ascii("abcde")),
      sized("data", DATA),
    ]);
    const { header, rest } = read(file, 3);
    expect(header).toMatchObject({ container: "w64", dataBytes: 8, format: { encoding: "s16le" } });
    expect(rest).toEqual(DATA);
  });

  it.each([
    ["text", ascii("This is a text file that somebody named talk.wav"), "no WAV header"],
    ["nothing", new Uint8Array(0), "ends inside its header"],
    ["AVI", join([ascii("RIFF"), u32(4), ascii("AVI LIST")]), "not WAVE"],
    ["no channels", wav(DATA, { channels: 0 }), "0 channels"],
    ["a million channels", wav(DATA, { channels: 0xffff }), "65535 channels"],
    ["rate 0", wav(DATA, { rate: 0 }), "rate must be"],
    ["12 bits in 12", wav(DATA, { bits: 12 }), "not usual"],
    ["data first", riff(chunk("data", DATA)), "before its format"],
    ["a format of 4 bytes", riff(chunk("fmt ", DATA.subarray(4))), "too short"],
    ["an end in the header", wav(DATA).subarray(0, 30), "ends inside its header"],
    ["a chunk of 4 GB", riff(chunk("LIST", DATA, 0xffff_fffe)), "ends inside its header"],
  ])("says what is wrong with %s", (_, bytes, words) => {
    const fault = faultOf(bytes);
    expect(fault).toBeInstanceOf(FormatFault);
    expect((fault as Error).message).toContain(words);
  });

  it.each([
    [0x11, "IMA ADPCM"],
    [0x55, "MP3"],
    [0x1234, "tag 0x1234"],
  ])("tells samples that need a decoder (tag %i)", (tag, words) => {
    const fault = faultOf(wav(DATA, { tag }));
    expect(fault).toBeInstanceOf(CodedWavFault);
    expect((fault as Error).message).toContain(words);
  });
});
