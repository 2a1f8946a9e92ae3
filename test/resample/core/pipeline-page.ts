/** What runs in a page, in a worker and in Node: the same audio through the pipeline of the core. */
import { type PcmFormat } from "../../../src/resample/core/format.ts";
import { PcmPipeline } from "../../../src/resample/core/pipeline.ts";
import { createPlainKernels } from "../../../src/resample/core/plain-kernels.ts";
import { createResampler } from "../../../src/resample/core/resampler.ts";
import { seeded } from "../signals.ts";

export interface PageInput {
  readonly format: PcmFormat;
  readonly plain: boolean;
}

export interface PageResult {
  /** Which inner loops the host chooses by itself. */
  readonly chosen: "simd" | "plain";
  /** All chunks, a hexadecimal number each byte. */
  readonly bytes: string;
}

const INPUT_BYTES = 30_011;
const PIECE_BYTES = 4_999;

export function run(inputs: readonly PageInput[]): PageResult[] {
  return inputs.map(resample);
}

function resample({ format, plain }: PageInput): PageResult {
  const random = seeded(format.rate);
  const input = Uint8Array.from({ length: INPUT_BYTES }, () => Math.floor(random() * 256));
  const pipeline = new PcmPipeline(format, plain ? { kernels: createPlainKernels } : {});
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < input.length; at += PIECE_BYTES) {
    chunks.push(...pipeline.push(input.subarray(at, at + PIECE_BYTES)).flat());
  }
  chunks.push(...pipeline.flush().flat());
  const bytes = chunks.map((chunk) =>
    Array.from(chunk, (byte) => byte.toString(16).padStart(2, "0")).join(""),
  );
  return { chosen: createResampler(format.rate).kernels, bytes: bytes.join(" ") };
}
