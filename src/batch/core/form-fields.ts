/** From the form that was sent back to what was asked: for reading stored answers. */
import { type CheckedFields, type FileTask, RESPONSE_FORMATS } from "./fields.ts";
import type { FormField } from "./multipart.ts";

export function fieldsOfForm(form: readonly FormField[], task: FileTask): CheckedFields {
  const value = (name: string): string | undefined => form.find(([field]) => field === name)?.[1];
  const format = value("response_format");
  return {
    task,
    model: value("model") ?? "whisper-v3",
    language: value("language"),
    responseFormat: RESPONSE_FORMATS.find((one) => one === format) ?? "verbose_json",
    words: form.some(([, field]) => field === "word"),
    diarize: value("diarize") === "true",
    form,
    warnings: [],
  };
}
