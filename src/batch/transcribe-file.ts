/** One file, one request, one transcript. */
import { DEFAULT_RETRY, type RetryPolicy } from "../retry.ts";
import { checkFields, type FileFields, type FileTask } from "./core/fields.ts";
import type { FileResult } from "./core/result.ts";
import type { Failure } from "./core/verdict.ts";
import {
  callerOf,
  type CallOptions,
  type ReadOptions,
  readResult,
  syncBase,
  taskPath,
} from "./file-caller.ts";
import { postFile, routeUrl, type UploadProgress } from "./post-file.ts";
import { withRetries } from "./with-retries.ts";

/** Where a file goes, what is asked of it, and how long to wait. */
export interface FileOptions extends FileFields, CallOptions, ReadOptions {
  /** After each buffer that the network has taken. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Before each further try: why, and how long it waits. */
  readonly onRetry?: ((cause: Failure["error"], delayMs: number) => void) | undefined;
  /** Default: 5 further tries, 0.5 s to 8 s apart. */
  readonly retry?: Partial<RetryPolicy> | undefined;
}

/**
 * Transcribes one file in one request (PROTOCOL §5): streamed from the disk in constant memory,
 * tried again with a fresh body and connection when that makes sense (PROTOCOL §8.1, P3).
 *
 * @param path any format the server reads, up to 1 GB.
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
  const caller = callerOf(options);
  const url = routeUrl(syncBase(options.service, fields), taskPath(task));
  let attempt = 0;
  const outcome = await withRetries<FileResult>(
    async () => {
      attempt += 1;
      const post = { url, path, form: fields.form, attempt, onProgress: options.onProgress };
      const posted = await postFile(caller, post);
      return posted.ok ? readResult(posted.value, fields, options) : posted;
    },
    {
      policy: { ...DEFAULT_RETRY, ...options.retry },
      clock: caller.clock,
      signal: options.signal,
      onRetry: (failure, delayMs) => options.onRetry?.(failure.error, delayMs),
    },
  );
  if (outcome.ok) return outcome.value;
  throw outcome.failure.error;
}
