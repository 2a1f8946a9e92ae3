/** What comes back for a file. */
import type { Transcript } from "../../transcript.ts";
import type { FileTask, FileWarning } from "./fields.ts";

/** The transcript of one file; `captions` takes it as it is. */
export interface FileResult extends Transcript {
  /** What was asked of the service. */
  readonly task: FileTask;
  /** All segments as one line of text. */
  readonly text: string;
  /** Every language the recognizer named, the first one first; `language` is that one. */
  readonly languages: readonly string[];
  /** True when the recognizer found nothing to write: a success, not an error (P13). */
  readonly noSpeech: boolean;
  /** What the answer had to be mended for, or lacked; empty when nothing. */
  readonly warnings: readonly FileWarning[];
  /** For the service's support; `undefined` when none was given. */
  readonly requestId?: string | undefined;
  /** The parsed answer as it came, with `keepRaw`. */
  readonly raw?: unknown;
}
