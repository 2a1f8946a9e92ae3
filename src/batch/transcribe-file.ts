/** One file, one request, one transcript. */
import { checkFields, type FileFields, type FileTask } from "./core/fields.ts";
import type { FileResult } from "./core/result.ts";
import { callerOf, type CallOptions } from "./file-caller.ts";
import { requestFile, type RequestOptions } from "./request-file.ts";

/** Where a file goes, what is asked of it, and how long to wait. */
export interface FileOptions extends FileFields, CallOptions, RequestOptions {}

/**
 * Transcribes one file in one request (PROTOCOL §5): streamed from the disk in constant memory,
 * tried again with a fresh body and connection when that makes sense (PROTOCOL §8.1, P3). What is
 * larger than the service takes is decoded here, cut at pauses if need be, and put together again.
 *
 * @param path any format the server reads.
 * @throws TypeError | RangeError for options that contradict each other, before anything is sent;
 * EverywordError for everything the world does; the signal's reason when that fires.
 * @example
 * const result = await transcribeFile("talk.mp3", { service: hostedService(key), diarize: true });
 * for (const segment of result.segments) console.log(segment.start, segment.text);
 */
export function transcribeFile(path: string, options: FileOptions): Promise<FileResult> {
  return runFile("transcribe", path, options);
}

/** The same, into English (PROTOCOL §6); `language` is the one spoken. */
export function translateFile(path: string, options: FileOptions): Promise<FileResult> {
  return runFile("translate", path, options);
}

async function runFile(task: FileTask, path: string, options: FileOptions): Promise<FileResult> {
  const fields = checkFields(task, options, options.service.kind);
  const outcome = await requestFile(callerOf(options), path, fields, options);
  if (outcome.ok) return outcome.value.result;
  throw outcome.failure.error;
}
