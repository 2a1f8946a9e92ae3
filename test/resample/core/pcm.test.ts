import { describe, expect, it } from "vitest";
import { WaveFile } from "wavefile";
import { bytesPerSample, type Encoding, ENCODINGS } from "../../../src/resample/core/format.ts";
import { ALAW, MULAW } from "../../../src/resample/core/g711.ts";
import { sampleReader } from "../../../src/resample/core/pcm.ts";

/** Writes one sample the way the encoding's name says. */
const WRITERS: Readonly<Record<string, (view: DataView, value: number) => void>> = {
  u8: (view, value) => view.setUint8(0, value * 128 + 128),
  s8: (view, value) => view.setInt8(0, value * 128),
  s16le: (view, value) => view.setInt16(0, value * 2 ** 15, true),
  s16be: (view, value) => view.setInt16(0, value * 2 ** 15, false),
  s24le: (view, value) => {
    const whole = value * 2 ** 23;
    [0, 8, 16].forEach((shift, i) => view.setUint8(i, (whole >> shift) & 0xff));
  },
  s24be: (view, value) => {
    const whole = value * 2 ** 23;
    [16, 8, 0].forEach((shift, i) => view.setUint8(i, (whole >> shift) & 0xff));
  },
  s32le: (view, value) => view.setInt32(0, value * 2 ** 31, true),
  s32be: (view, value) => view.setInt32(0, value * 2 ** 31, false),
  f32le: (view, value) => view.setFloat32(0, value, true),
  f32be: (view, value) => view.setFloat32(0, value, false),
  f64le: (view, value) => view.setFloat64(0, value, true),
  f64be: (view, value) => view.setFloat64(0, value, false),
};
const VALUES = [0, 0.5, -0.5, 0.25, -1, -0.0078125, 0.9921875];

function read(encoding: Encoding, bytes: Uint8Array): number[] {
  const count = bytes.length / bytesPerSample(encoding);
  const out = new Float32Array(count + 1);
  sampleReader(encoding)(new DataView(bytes.buffer, bytes.byteOffset), 0, count, out, 1);
  return [...out.subarray(1)];
}

describe("samples as bytes", () => {
  it.each(Object.keys(WRITERS) as Encoding[])(
    "are read as fractions of full scale: %s",
    (encoding) => {
      const width = bytesPerSample(encoding);
      // One byte more in front, so that nothing may rely on alignment.
      const bytes = new Uint8Array(VALUES.length * width + 1).subarray(1);
      VALUES.forEach((value, i) =>
        WRITERS[encoding]?.(new DataView(bytes.buffer, 1 + i * width), value),
      );
      expect(read(encoding, bytes)).toEqual(VALUES);
    },
  );

  it("covers every encoding there is", () => {
    expect([...Object.keys(WRITERS), "alaw", "mulaw"].toSorted()).toEqual(ENCODINGS.toSorted());
  });

  it.each([
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 64],
    [Number.NEGATIVE_INFINITY, -64],
    [1e30, 64],
  ])("never let a float of %f into the filter", (value, held) => {
    expect(read("f64le", new Uint8Array(Float64Array.of(value).buffer))).toEqual([held]);
    expect(read("f32le", new Uint8Array(Float32Array.of(value).buffer))).toEqual([held]);
  });
});

describe("G.711", () => {
  it.each([
    ["mulaw", 0xff, 0],
    ["mulaw", 0x00, -32_124],
    ["mulaw", 0x80, 32_124],
    ["alaw", 0xd5, 8],
    ["alaw", 0x55, -8],
    ["alaw", 0xaa, 32_256],
    ["alaw", 0x2a, -32_256],
  ] as const)("has the corner values of ITU-T G.191: %s byte %i", (encoding, byte, value) => {
    expect(read(encoding, Uint8Array.of(byte))).toEqual([value / 32_768]);
  });

  it("agrees in all 256 codes with an independent decoder", () => {
    const codes = Array.from({ length: 256 }, (_, i) => i);
    const other = (depth: "8a" | "8m"): number[] => {
      const file = new WaveFile();
      file.fromScratch(1, 8_000, depth, Uint8Array.from(codes));
      if (depth === "8a") file.fromALaw();
      else file.fromMuLaw();
      return [...file.getSamples(false, Int16Array)];
    };
    expect([...ALAW]).toEqual(other("8a"));
    expect([...MULAW]).toEqual(other("8m"));
  });
});
