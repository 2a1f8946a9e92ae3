/** One file to the sync route, with every further try that makes sense. */
import { DEFAULT_RETRY, type RetryPolicy } from "../retry.ts";
import type { CheckedFields } from "./core/fields.ts";
import type { FileResult } from "./core/result.ts";
import type { Failure } from "./core/verdict.ts";
import { type ReadOptions, readResult, syncBase, taskPath } from "./file-caller.ts";
import {
  type Answered,
  type Caller,
  postFile,
  routeUrl,
  type UploadProgress,
} from "./post-file.ts";
import { type Outcome, withRetries } from "./with-retries.ts";

/** What the caller wants to hear of an upload, and how often it is tried. */
export interface UploadOptions {
  /** After each buffer that the network has taken. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Before each further try: why, and how long it waits. */
  readonly onRetry?: ((cause: Failure["error"], delayMs: number) => void) | undefined;
  /** Default: 5 further tries, 0.5 s to 8 s apart. */
  readonly retry?: Partial<RetryPolicy> | undefined;
}

/** What a ledger writes down around each try. */
export interface UploadHooks {
  /** Before a try. */
  readonly beforeUpload?: (() => Promise<unknown>) | undefined;
  /** Before the last bytes of a try leave. */
  readonly beforeLast?: (() => Promise<unknown>) | undefined;
}

/** A result and the answer it was read from. */
export interface Requested {
  readonly result: FileResult;
  readonly answered: Answered;
}

/** The sync route. @throws what `postFile` throws. */
export async function requestFile(
  caller: Caller,
  path: string,
  fields: CheckedFields,
  options: UploadOptions & ReadOptions,
  hooks: UploadHooks = {},
): Promise<Outcome<Requested>> {
  const url = routeUrl(syncBase(caller.service, fields), taskPath(fields.task));
  return retrying(caller, options, async (attempt) => {
    const posted = await tryUpload(
      caller,
      { url, path, form: fields.form, attempt },
      options,
      hooks,
    );
    if (!posted.ok) return posted;
    const read = readResult(posted.value, fields, options);
    return read.ok ? { ok: true, value: { result: read.value, answered: posted.value } } : read;
  });
}

/** One try with its hooks. */
export async function tryUpload(
  caller: Caller,
  post: Pick<Parameters<typeof postFile>[1], "url" | "path" | "form" | "attempt">,
  options: UploadOptions,
  hooks: UploadHooks,
): Promise<Outcome<Answered>> {
  await hooks.beforeUpload?.();
  return postFile(caller, {
    ...post,
    onProgress: options.onProgress,
    beforeLast: async () => {
      await hooks.beforeLast?.();
    },
  });
}

/** The retry loop with the caller's options. */
export function retrying<Value>(
  caller: Caller,
  options: UploadOptions,
  attempt: (attempt: number) => Promise<Outcome<Value>>,
  mayRetry?: (failure: Failure) => boolean,
): Promise<Outcome<Value>> {
  let attempts = 0;
  return withRetries(
    () => {
      attempts += 1;
      return attempt(attempts);
    },
    {
      policy: { ...DEFAULT_RETRY, ...options.retry },
      clock: caller.clock,
      signal: caller.signal,
      onRetry: (failure, delayMs) => options.onRetry?.(failure.error, delayMs),
      mayRetry,
    },
  );
}
