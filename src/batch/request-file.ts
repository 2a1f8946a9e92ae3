/** One file to the sync route, with every further try that makes sense. */
import { EverywordError } from "../errors.ts";
import { DEFAULT_RETRY, type RetryPolicy } from "../retry.ts";
import type { CheckedFields, FileWarning } from "./core/fields.ts";
import type { FileResult } from "./core/result.ts";
import type { Part } from "./core/split.ts";
import type { Failure } from "./core/verdict.ts";
import { type ReadOptions, readResult, syncBase, taskPath } from "./file-caller.ts";
import {
  type Answered,
  type Caller,
  type FilePost,
  postFile,
  routeUrl,
  type UploadProgress,
} from "./post-file.ts";
import { type Prepared, type PrepareOptions, prepareUpload } from "./prepare-upload.ts";
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

/** Everything about one file: what is asked, how it is prepared, and within which bounds. */
export interface RequestOptions extends UploadOptions, ReadOptions, PrepareOptions {
  /** Parts of one file that are sent side by side, when it has to be cut. Default 2. */
  readonly partsAtOnce?: number | undefined;
}

/** The sync route. @throws what `prepareUpload` and `postFile` throw. */
export async function requestFile(
  caller: Caller,
  path: string,
  fields: CheckedFields,
  options: RequestOptions,
  hooks: UploadHooks = {},
): Promise<Outcome<Requested>> {
  const url = routeUrl(syncBase(caller.service, fields), taskPath(fields.task));
  const prepared = await prepareFor(caller, path, options);
  try {
    const { pieces } = prepared;
    const [only] = pieces;
    if (only !== undefined && pieces.length === 1) {
      const post = { url, path, piece: only, form: fields.form, part: 1, parts: 1 };
      return withWarnings(await requestPiece(caller, post, fields, options, hooks), prepared);
    }
    mustHaveTimes(path, fields);
    await hooks.beforeUpload?.();
    await hooks.beforeLast?.();
    const { requestParts } = await import("./request-parts.ts");
    return await requestParts(caller, pieces, options, fields, (own, piece, part) => {
      const post = { url, path, piece, form: fields.form, part, parts: pieces.length };
      return requestPiece(own, post, fields, options, {});
    });
  } finally {
    await prepared.dispose();
  }
}

/** What has to be cut can be put together again only by times. @throws EverywordError `unsupported`. */
export function mustHaveTimes(path: string, { responseFormat }: CheckedFields): void {
  if (responseFormat !== "json" && responseFormat !== "text") return;
  throw new EverywordError(
    "unsupported",
    `${path} has to be cut to be sent, and ${responseFormat} has no times to put the parts together by; ask for verbose_json.`,
  );
}

/** What is sent to this service for a file. */
export function prepareFor(
  caller: Caller,
  path: string,
  options: PrepareOptions & { readonly parts?: readonly Part[] | undefined },
): Promise<Prepared> {
  const { convertTo = caller.service.kind === "hosted" ? "flac" : "wav" } = options;
  return prepareUpload(path, { ...options, convertTo }, caller.signal);
}

function requestPiece(
  caller: Caller,
  post: Omit<FilePost, "attempt">,
  fields: CheckedFields,
  options: RequestOptions,
  hooks: UploadHooks,
): Promise<Outcome<Requested>> {
  return retrying(caller, options, async (attempt) => {
    const posted = await tryUpload(caller, { ...post, attempt }, options, hooks);
    if (!posted.ok) return posted;
    const read = readResult(posted.value, fields, options);
    return read.ok ? { ok: true, value: { result: read.value, answered: posted.value } } : read;
  });
}

function withWarnings(
  outcome: Outcome<Requested>,
  { warnings }: { readonly warnings: readonly FileWarning[] },
): Outcome<Requested> {
  if (!outcome.ok || warnings.length === 0) return outcome;
  const { result, answered } = outcome.value;
  const all = [...result.warnings, ...warnings];
  return { ok: true, value: { result: { ...result, warnings: all }, answered } };
}

/** One try with its hooks. */
export async function tryUpload(
  caller: Caller,
  post: FilePost,
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
