/**
 * Which kind of model lies in a directory, told by its file names as the runtime's authors publish
 * them. Pure: it is given the names, and the token table's text where that decides.
 */

/** The runtime's name of the kind, and the file of each part. */
export interface ModelLayout {
  readonly kind: ModelKind;
  /** Runtime option -> file name. */
  readonly parts: Readonly<Record<string, string>>;
  readonly tokens: string;
  /** ISO 639 codes; empty when the files do not tell. */
  readonly languages: readonly string[];
}

export type ModelKind =
  | "transducer"
  | "nemoTransducer"
  | "whisper"
  | "moonshine"
  | "paraformer"
  | "senseVoice"
  | "nemoCtc"
  | "zipformerCtc";

/** Why a directory is no model: what is missing from the kind that it looks like. */
export interface LayoutProblem {
  readonly problem: string;
}

const SENSE_VOICE_LANGUAGES = ["zh", "en", "ja", "ko", "yue"];

/**
 * @param names files of the directory.
 * @param directoryName its own name: where file names alone do not tell, publishers put the kind there.
 * @param readTokens the text of a token table of the directory.
 */
export function recognizeLayout(
  names: readonly string[],
  directoryName: string,
  readTokens: (name: string) => string,
): ModelLayout | LayoutProblem {
  const find = (pattern: RegExp): string | undefined => pick(names, pattern);
  const tokens = find(/(^|[-_])tokens\.txt$/u);
  const encoder = find(/encode(r|r_model)?[^/]*\.onnx$/u);
  const decoder = find(/(^|[-_])decoder[^/]*\.onnx$/u);
  const joiner = find(/(^|[-_])joiner[^/]*\.onnx$/u);
  const single = find(/^model[^/]*\.onnx$/u);
  if (tokens === undefined) return missing("tokens.txt", names);
  if (names.some((name) => /chunk-\d+/u.test(name)) || /streaming/u.test(directoryName)) {
    return {
      problem: "it holds a streaming model; bring the offline model of the same family instead",
    };
  }
  const merged = find(/decoder_model_merged[^/]*\.onnx$/u);
  if (merged !== undefined) {
    if (encoder === undefined) return missing("encoder_model.onnx", names);
    return { kind: "moonshine", parts: { encoder, mergedDecoder: merged }, tokens, languages: [] };
  }
  const preprocessor = find(/^preprocess[^/]*\.onnx$/u);
  if (preprocessor !== undefined) return moonshineFour(names, preprocessor, tokens);
  if (joiner !== undefined) {
    if (encoder === undefined) return missing("encoder.onnx", names);
    if (decoder === undefined) return missing("decoder.onnx", names);
    const kind = /nemo|parakeet|canary/u.test(directoryName) ? "nemoTransducer" : "transducer";
    return { kind, parts: { encoder, decoder, joiner }, tokens, languages: [] };
  }
  if (encoder !== undefined && decoder !== undefined) {
    const languages = /(^|[-.])en([-.]|$)/u.test(encoder) ? ["en"] : [];
    return { kind: "whisper", parts: { encoder, decoder }, tokens, languages };
  }
  if (encoder !== undefined) return missing("decoder.onnx", names);
  if (single === undefined) return missing("model.onnx, or encoder.onnx and decoder.onnx,", names);
  return singleModel(single, tokens, directoryName, readTokens(tokens));
}

function moonshineFour(
  names: readonly string[],
  preprocessor: string,
  tokens: string,
): ModelLayout | LayoutProblem {
  const encoder = pick(names, /^encode(\.int8)?\.onnx$/u);
  const uncachedDecoder = pick(names, /^uncached_decode[^/]*\.onnx$/u);
  const cachedDecoder = pick(names, /^cached_decode[^/]*\.onnx$/u);
  if (encoder === undefined) return missing("encode.onnx", names);
  if (uncachedDecoder === undefined) return missing("uncached_decode.onnx", names);
  if (cachedDecoder === undefined) return missing("cached_decode.onnx", names);
  const parts = { preprocessor, encoder, uncachedDecoder, cachedDecoder };
  return { kind: "moonshine", parts, tokens, languages: [] };
}

/** One network and its tokens: the directory's name tells the kind, else the tokens do. */
function singleModel(
  model: string,
  tokens: string,
  directoryName: string,
  table: string,
): ModelLayout {
  const parts = { model };
  const name = directoryName.toLowerCase();
  if (/sense-?voice/u.test(name) || table.includes("<|yue|>")) {
    return { kind: "senseVoice", parts, tokens, languages: SENSE_VOICE_LANGUAGES };
  }
  if (name.includes("paraformer") || table.includes("@@ ")) {
    return { kind: "paraformer", parts, tokens, languages: [] };
  }
  // NeMo numbers its blank last, the others first.
  const blankFirst = /^<(blk|blank|eps)> 0$/mu.test(table);
  const nemo = /nemo|parakeet/u.test(name) || !blankFirst;
  return { kind: nemo ? "nemoCtc" : "zipformerCtc", parts, tokens, languages: [] };
}

/** The file that matches; of several the 8-bit one, which is the faster, then the first by name. */
function pick(names: readonly string[], pattern: RegExp): string | undefined {
  const matching = names.filter((name) => pattern.test(name)).toSorted();
  return matching.find((name) => /int8|quant/u.test(name)) ?? matching[0];
}

function missing(what: string, names: readonly string[]): LayoutProblem {
  const there = names.slice(0, 8).join(", ");
  return { problem: `${what} is missing (it holds ${there === "" ? "nothing" : there})` };
}
