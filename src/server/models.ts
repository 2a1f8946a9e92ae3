/** Which of the recognizer's models a request means. Pure. */
import type { RecognizerModel } from "./recognizer.ts";

/** Names of the hosted service: the recognizer's first model answers to all of them. */
export const HOSTED_MODELS: readonly string[] = [
  "whisper-v3",
  "whisper-v3-turbo",
  "fireworks-asr-large",
  "fireworks-asr-v2",
];

/** Whether a request may name this model. */
export function isKnownModel(models: readonly RecognizerModel[], name: string): boolean {
  return HOSTED_MODELS.includes(name) || models.some((model) => model.id === name);
}

/** The model to use: the one that is named, else the first that fits; `undefined` when there is none. */
export function resolveModel(
  models: readonly RecognizerModel[],
  name: string | undefined,
  streaming: boolean,
): RecognizerModel | undefined {
  const named = models.find((model) => model.id === name);
  return named ?? models.find((model) => !streaming || model.streaming);
}

/** `GET /v1/models`: an OpenAI-style list that also says what each model can do. */
export function listModels(models: readonly RecognizerModel[]): object {
  return {
    object: "list",
    data: models.map((model) => ({
      id: model.id,
      object: "model",
      created: 0,
      owned_by: "everyword",
      languages: model.languages,
      tasks: model.tasks,
      streaming: model.streaming,
      word_times: model.wordTimes,
      diarization: false,
    })),
  };
}
