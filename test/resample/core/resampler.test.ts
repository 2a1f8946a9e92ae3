import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createPlainKernels } from "../../../src/resample/core/plain-kernels.ts";
import { type KernelFactory } from "../../../src/resample/core/kernels.ts";
import { RUN_FRAMES } from "../../../src/resample/core/heap.ts";
import { createResampler } from "../../../src/resample/core/resampler.ts";
import { createSimdKernels } from "../../../src/resample/core/simd-kernels.ts";
import { decibels, rms, seeded, tone } from "../signals.ts";

const RATES = [
  8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000,
];

const simd: KernelFactory = (floats) => {
  const kernels = createSimdKernels(floats);
  if (kernels === undefined) throw new Error("this host has no WebAssembly SIMD");
  return kernels;
};

/** Runs a whole signal in pieces whose lengths the function gives. */
function resample(
  signal: ArrayLike<number>,
  rate: number,
  { kernels, next }: { kernels?: KernelFactory; next?: () => number } = {},
): Float32Array {
  const resampler = createResampler(rate, kernels);
  const out = new Float32Array(Math.ceil((signal.length * 16_000) / rate) + RUN_FRAMES);
  let filled = 0;
  const keep = (count: number): void => {
    out.set(resampler.output.subarray(0, count), filled);
    filled += count;
  };
  for (let at = 0; at < signal.length;) {
    const wanted = next === undefined ? RUN_FRAMES : Math.max(1, next());
    const frames = Math.min(wanted, RUN_FRAMES, signal.length - at);
    for (let i = 0; i < frames; i++) resampler.input[i] = signal[at + i] ?? 0;
    keep(resampler.run(frames));
    at += frames;
  }
  keep(resampler.flush());
  return out.subarray(0, filled);
}

function sha256(samples: Float32Array): string {
  return createHash("sha256")
    .update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
    .digest("hex");
}

function noise(frames: number, seed: number): Float32Array {
  const random = seeded(seed);
  return Float32Array.from({ length: frames }, () => random() * 2 - 1);
}

describe("a resampler", () => {
  it.each(RATES)(
    "gives the same bits for every cut, by SIMD and by the plain twin, at %i Hz",
    (rate) => {
      const signal = noise(Math.round(rate / 4) + 7, rate);
      const random = seeded(rate + 1);
      const cuts: (() => number)[] = [
        () => RUN_FRAMES,
        () => 1,
        () => 3,
        () => 997,
        () => Math.floor(random() * 600),
      ];
      const sums = [simd, createPlainKernels].flatMap((kernels) =>
        cuts.map((next) => sha256(resample(signal, rate, { kernels, next }))),
      );
      expect(new Set(sums).size).toBe(1);
    },
  );

  it.each(RATES)("gives ceil(frames * 16000 / rate) samples at %i Hz", (rate) => {
    const lengths = [1, 2, 3, 5, 100, 479, 480, 481, 4_095, 4_096, 4_097, 10_001];
    const made = lengths.map((frames) => resample(new Float32Array(frames), rate).length);
    expect(made).toEqual(lengths.map((frames) => Math.ceil((frames * 16_000) / rate)));
  });

  it.each(RATES)("leaves no delay in a 1 kHz tone, nor another level, at %i Hz", (rate) => {
    const { level, delaySeconds, rest } = kilohertz(resample(tone(rate, 1_000, rate), rate));
    expect(Math.abs(decibels(level / 0.891))).toBeLessThan(0.0005);
    expect(Math.abs(delaySeconds)).toBeLessThan(1e-9);
    expect(decibels(rest / (level * Math.SQRT1_2))).toBeLessThan(-115);
  });

  it.each(RATES.filter((rate) => rate > 16_000))(
    "lets nothing from 8.05 kHz up through, at %i Hz",
    (rate) => {
      const steps = Array.from({ length: 12 }, (_, i) => 8_050 + (i / 11) * (rate / 2 - 8_100));
      const worst = steps.map((hertz) => {
        const got = resample(tone(rate, hertz, rate / 2), rate);
        return decibels(rms(got, 1_000, 7_000) / (0.891 * Math.SQRT1_2));
      });
      expect(Math.max(...worst)).toBeLessThanOrEqual(-120);
    },
  );

  it.each([8_000, 11_025, 12_000])("makes no images of what %i Hz holds", (rate) => {
    // An image of f lies at rate - f: what is not the tone itself is counted.
    const hertz = rate / 2 - rate / 14;
    const got = resample(tone(rate, hertz, rate), rate);
    const wanted = tone(16_000, hertz, 16_000);
    const error = got.map((sample, i) => sample - (wanted[i] ?? 0));
    expect(decibels(rms(error, 1_000, 15_000) / rms(wanted, 1_000, 15_000))).toBeLessThan(-100);
  });

  it.each(RATES.filter((rate) => rate > 16_000))(
    "is flat within 0.001 dB up to 7 kHz and down by less than 3 dB at 7.6 kHz, at %i Hz",
    (rate) => {
      const level = (hertz: number): number => {
        const got = resample(tone(rate, hertz, rate / 2), rate);
        return decibels(amplitude(got.subarray(1_000, 7_000), hertz) / 0.891);
      };
      const flat = [50, 500, 1_000, 3_000, 5_000, 6_000, 6_500, 7_000].map(level);
      expect(Math.max(...flat) - Math.min(...flat)).toBeLessThanOrEqual(0.001);
      expect(level(7_600)).toBeGreaterThan(-3);
    },
  );

  it.each([
    [8_000, 9],
    [32_000, 6],
    [44_100, 6],
    [48_000, 6],
    [96_000, 6],
    [192_000, 6],
  ])("holds back at most its share of time: %i Hz, %i ms", (rate, mostMs) => {
    const resampler = createResampler(rate);
    let frames = 0;
    let samples = 0;
    let worst = 0;
    for (let i = 0; i < 3_000; i++) {
      samples += resampler.run(8);
      frames += 8;
      worst = Math.max(worst, frames / rate - samples / 16_000);
    }
    expect(worst * 1000).toBeLessThanOrEqual(mostMs + 1e-9);
  });

  it("passes 16 kHz through unchanged, bit for bit", () => {
    const samples = Int16Array.from({ length: RUN_FRAMES }, (_, i) => (i * 16) ^ 0x8005);
    const resampler = createResampler(16_000);
    samples.forEach((sample, i) => {
      resampler.input[i] = sample / 32_768;
    });
    expect(resampler.quantize(resampler.run(RUN_FRAMES))).toEqual(samples);
  });

  it.each([simd, createPlainKernels])(
    "saturates what is over full scale and rounds to nearest",
    (kernels) => {
      const resampler = createResampler(16_000, kernels);
      const inputs = [1, -1, 1.5, -9, 0.5 / 32_768, 1.5 / 32_768, -0.6 / 32_768, Number.NaN];
      resampler.input.set(inputs);
      expect([...resampler.quantize(resampler.run(inputs.length))]).toEqual([
        32_767, -32_768, 32_767, -32_768, 0, 2, -1, 0,
      ]);
    },
  );
});

/** What there is of 1 kHz at 16 kHz, and what else; sine and cosine fall on whole periods. */
function kilohertz(samples: Float32Array): { level: number; delaySeconds: number; rest: number } {
  const middle = samples.slice(992, 14_992);
  let [sine, cosine] = [0, 0];
  middle.forEach((sample, i) => {
    sine += (sample * Math.sin((Math.PI * i) / 8) * 2) / middle.length;
    cosine += (sample * Math.cos((Math.PI * i) / 8) * 2) / middle.length;
  });
  const others = Float64Array.from(
    middle,
    (sample, i) =>
      sample - sine * Math.sin((Math.PI * i) / 8) - cosine * Math.cos((Math.PI * i) / 8),
  );
  const delaySeconds = -Math.atan2(cosine, sine) / (2 * Math.PI * 1_000);
  return { level: Math.hypot(sine, cosine), delaySeconds, rest: rms(others, 0, others.length) };
}

/** Amplitude of one frequency at 16 kHz, through a Hann window. */
function amplitude(samples: Float32Array, hertz: number): number {
  let re = 0;
  let im = 0;
  samples.forEach((sample, i) => {
    const weighted = sample * (1 - Math.cos((2 * Math.PI * (i + 0.5)) / samples.length));
    re += weighted * Math.cos((2 * Math.PI * hertz * i) / 16_000);
    im += weighted * Math.sin((2 * Math.PI * hertz * i) / 16_000);
  });
  return (2 * Math.hypot(re, im)) / samples.length;
}
