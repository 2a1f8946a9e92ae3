/** A model that the user brings: any the runtime decodes offline, told by its files. */
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { EverywordError } from "../../errors.ts";
import { catalogFiles, MODEL_NAMES } from "./catalog.ts";
import { type ModelLayout, recognizeLayout } from "./core/model-layout.ts";
import type { RuntimeConfig } from "./runtime.ts";

export interface UserModel {
  readonly id: string;
  readonly recognizer: RuntimeConfig;
  readonly languages: readonly string[];
  /** Whether the runtime gives times with this kind; for others they are aligned or estimated. */
  readonly tokenTimes: boolean;
  /** A voice detector that lies beside it. */
  readonly vad: string | undefined;
}

/**
 * Looks for a model in a directory. A directory that is missing, holds no model files, or holds
 * only fetched ones is no user's model but a place to keep fetched ones.
 * @throws EverywordError `recognizer` when there are model files but a part is missing.
 */
export async function findUserModel(directory: string): Promise<UserModel | undefined> {
  const fetched = new Set(
    MODEL_NAMES.flatMap((name) => catalogFiles(name).map((file) => file.name)),
  );
  const names = (await readdir(directory).catch(() => [])).filter((name) => !fetched.has(name));
  const models = names.filter((name) => name.endsWith(".onnx") && !/silero|vad/u.test(name));
  if (models.length === 0) return undefined;
  const id = basename(resolve(directory));
  const layout = recognizeLayout(names, id, (name) => readFileSync(join(directory, name), "utf8"));
  if ("problem" in layout) {
    throw new EverywordError(
      "recognizer",
      `${directory} is no model that can be used: ${layout.problem}; ` +
        "put all files of one model there as they were published, or leave --model-dir out.",
    );
  }
  const vad = names.find((name) => /silero.*\.onnx$/u.test(name));
  return {
    id,
    recognizer: runtimeConfig(layout, directory),
    languages: layout.languages,
    tokenTimes: layout.kind !== "whisper" && layout.kind !== "moonshine",
    vad: vad === undefined ? undefined : join(directory, vad),
  };
}

function runtimeConfig(layout: ModelLayout, directory: string): RuntimeConfig {
  const parts: Record<string, unknown> = {};
  for (const [part, name] of Object.entries(layout.parts)) parts[part] = join(directory, name);
  if (layout.kind === "senseVoice") parts["useInverseTextNormalization"] = 1;
  const nemoTransducer = layout.kind === "nemoTransducer";
  return {
    modelConfig: {
      [nemoTransducer ? "transducer" : layout.kind]: parts,
      ...(nemoTransducer ? { modelType: "nemo_transducer" } : {}),
      tokens: join(directory, layout.tokens),
      numThreads: 1,
      debug: 0,
    },
  };
}
