/** Files that are wrong in a way that a seed repeats. */
import { ascii, join, toS16le, tone, u32, wav } from "./signals.ts";

/** A file of the corpus, named for what is wrong with it. */
export interface Bad {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Twelve ways to spoil a good file. */
export function spoiled(format: string, good: Uint8Array, random: () => number): Bad[] {
  const at = (share: number): number => Math.floor(good.length * share);
  const changed = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = good.slice();
    change(bytes);
    return bytes;
  };
  const flipped = (bits: number, from: number, to: number): Uint8Array =>
    changed((bytes) => {
      for (let i = 0; i < bits; i++) {
        const place = from + Math.floor(random() * (to - from));
        bytes[place] = (bytes[place] ?? 0) ^ (1 << Math.floor(random() * 8));
      }
    });
  const head = Math.min(200, good.length);
  const ways: Readonly<Record<string, Uint8Array>> = {
    "cut in its header": good.subarray(0, Math.floor(random() * head)),
    "cut somewhere": good.subarray(0, at(random())),
    "cut at nine tenths": good.subarray(0, at(0.9)),
    "without its beginning": good.subarray(at(0.33)),
    "one bit flipped in its header": flipped(1, 4, head),
    "eight bits flipped in its header": flipped(8, 4, head),
    "a hundred bits flipped": flipped(100, head, good.length),
    "a third of its bytes random": changed((bytes) => {
      for (let i = at(0.3); i < at(0.6); i++) bytes[i] = Math.floor(random() * 256);
    }),
    "zeros in its middle": changed((bytes) => bytes.fill(0, at(0.33), at(0.5))),
    "ones in its header": changed((bytes) => bytes.fill(255, 8, 24)),
    "its halves exchanged": join([good.subarray(at(0.5)), good.subarray(0, at(0.5))]),
    "itself behind itself": join([good, good]),
  };
  return Object.entries(ways).map(([way, bytes]) => ({ name: `${format}, ${way}`, bytes }));
}

function be32(...values: number[]): Uint8Array {
  return join(values.map((value) => u32(value).toReversed()));
}

function be16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** A box of MP4 around this, its size as declared. */
function box(name: string, body: Uint8Array, size = body.length + 8): Uint8Array {
  return join([be32(size >>> 0), ascii(name), body]);
}

function nested(depth: number, wrap: (inner: Uint8Array) => Uint8Array): Uint8Array {
  let inner: Uint8Array = new Uint8Array(8);
  for (let i = 0; i < depth; i++) inner = wrap(inner);
  return inner;
}

/** An AIFF of this many channels, frames, bits and rate (the exponent and mantissa of 80 bits). */
function aiff(channels: number, frames: number, bits: number, rate: Uint8Array): Uint8Array {
  const common = join([be16(channels), be32(frames), be16(bits), rate]);
  const sound = join([be32(0, 0), new Uint8Array(400)]);
  const body = join([
    ascii("AIFFCOMM"),
    be32(common.length),
    common,
    ascii("SSND"),
    be32(sound.length),
    sound,
  ]);
  return join([ascii("FORM"), be32(body.length), body]);
}

const AT_44100 = Uint8Array.of(0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0);
const FTYP = box("ftyp", ascii("isomiso2mp41"));

function au(size: number, rate: number, channels: number, offset = 24): Uint8Array {
  return join([ascii(".snd"), be32(offset, size, 3, rate, channels), new Uint8Array(400)]);
}

function flac(rate: number, samples: number, blockBytes = 34): Uint8Array {
  const info = new Uint8Array(34);
  info.set([16, 0, 16, 0], 0);
  info.set([rate >> 12, (rate >> 4) & 0xff, (rate & 15) << 4, 0xf0, 0, 0], 10);
  info.set(be32(samples), 14);
  const head = Uint8Array.of(0x80, blockBytes >> 16, (blockBytes >> 8) & 0xff, blockBytes & 0xff);
  return join([ascii("fLaC"), head, info, new Uint8Array(400)]);
}

/** Headers that promise what cannot be. */
export function hostile(): Bad[] {
  const data = toS16le(tone(16_000, 440, 2_000));
  const ebml = Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3);
  const unknownSize = Uint8Array.of(1, 255, 255, 255, 255, 255, 255, 255);
  const segment = join([Uint8Array.of(0x18, 0x53, 0x80, 0x67), unknownSize]);
  const files: Readonly<Record<string, Uint8Array>> = {
    "WAV, rate 0": wav(data, { rate: 0 }),
    "WAV, zero channels": wav(data, { channels: 0 }),
    "WAV, 65 535 channels": wav(data, { channels: 65_535 }),
    "WAV, ADPCM of 65 535 channels": wav(data, { tag: 17, channels: 65_535, bits: 4 }),
    "WAV, ADPCM in blocks of 0 bytes": wav(data, { tag: 17, bits: 0 }),
    "WAV, an unknown tag": wav(data, { tag: 0x4242 }),
    "WAV, a chunk of 4 GB": wav(data, { before: join([ascii("LIST"), u32(0xffff_fff0)]) }),
    "WAV, 4 GB of data": wav(data, { dataSize: 0xffff_fff0 }),
    "WAV in WAV in WAV": wav(wav(wav(data))),
    "AIFF, zero channels": aiff(0, 100, 16, AT_44100),
    "AIFF, 65 535 channels": aiff(65_535, 0xffff_ffff, 32, AT_44100),
    "AIFF, rate 0": aiff(1, 100, 16, new Uint8Array(10)),
    "AIFF, a rate beyond numbers": aiff(1, 100, 16, new Uint8Array(10).fill(0x7f)),
    "AIFF, samples of 65 535 bits": aiff(1, 100, 65_535, AT_44100),
    "AU, a million channels": au(400, 16_000, 1_000_000),
    "AU, zero channels": au(400, 16_000, 0),
    "AU, rate 0": au(400, 0, 1),
    "AU, 4 GB": au(0xffff_fff0, 16_000, 1),
    "AU, audio from 4 GB on": au(400, 16_000, 1, 0xffff_fff0),
    "FLAC, rate 0": flac(0, 1_000),
    "FLAC, 4 billion samples": flac(44_100, 0xffff_ffff),
    "FLAC, a block of 16 MB": flac(44_100, 1_000, 0xff_ffff),
    "MP4, a box of 4 GB": join([FTYP, box("moov", new Uint8Array(64), 0xffff_ffff)]),
    "MP4, a box of 0 bytes": join([FTYP, box("moov", new Uint8Array(64), 0)]),
    "MP4, a box smaller than its head": join([FTYP, box("moov", new Uint8Array(64), 3)]),
    "MP4, boxes 5 000 deep": join([FTYP, nested(5_000, (inner) => box("moov", inner))]),
    "MP4, tracks 2 000 deep": join([FTYP, nested(2_000, (inner) => box("trak", inner))]),
    "Matroska, elements without end 2 000 deep": join([
      ebml,
      Uint8Array.of(0x80),
      nested(2_000, (inner) => join([segment, inner])),
    ]),
    "Matroska, a header of 2^56 bytes": join([ebml, unknownSize, new Uint8Array(64)]),
    "Ogg, a thousand empty pages": join(
      Array.from({ length: 1_000 }, () => join([ascii("OggS"), new Uint8Array(23)])),
    ),
    "CAF, a million channels": join([
      ascii("caff"),
      Uint8Array.of(0, 1, 0, 0),
      ascii("desc"),
      be32(0, 32, 0x40e5_8880, 0),
      ascii("lpcm"),
      be32(0, 2_000_000, 1, 1_000_000, 16),
      ascii("data"),
      be32(0, 400),
      new Uint8Array(400),
    ]),
    "AMR, nothing behind its mark": ascii("#!AMR\n"),
    "MP3, a tag of 256 MB": join([
      ascii("ID3"),
      Uint8Array.of(4, 0, 0, 0x7f, 0x7f, 0x7f, 0x7f),
      new Uint8Array(400),
    ]),
    "MP3, nothing but marks": new Uint8Array(20_000).fill(0xff),
    "nothing but zeros": new Uint8Array(20_000),
    "a list of other files": ascii("#EXTM3U\nfile:///etc/hostname\n"),
    "a script of other files": ascii("ffconcat version 1.0\nfile /etc/hostname\n"),
  };
  return Object.entries(files).map(([name, bytes]) => ({ name, bytes }));
}
