/** What a run tells while it runs and at its end: for a person, for a program, or nothing but errors. */
import type { Segment } from "../../transcript.ts";
import type { Progress } from "./task.ts";

/** How one input ended. */
export interface FileReport {
  readonly input: string;
  readonly result: "done" | "skipped" | "failed" | "submitted" | "not begun";
  /** Where the results are; empty when they were printed. */
  readonly outputs: readonly string[];
  readonly audioSeconds?: number | undefined;
  readonly elapsedSeconds?: number | undefined;
  readonly words?: number | undefined;
  /** Why it was skipped or failed; one sentence. */
  readonly reason?: string | undefined;
  readonly error?: unknown;
}

export interface RunReport {
  readonly files: readonly FileReport[];
  readonly elapsedSeconds: number;
  readonly interrupted: boolean;
}

export interface Reporter {
  start(input: string, index: number, total: number): void;
  progress(input: string, progress: Progress): void;
  segment(input: string, segment: Segment): void;
  warn(input: string, line: string): void;
  /** One line for a person that belongs to no input. */
  note(line: string): void;
  /** Before anything else is printed, so that a line in progress does not stand in its way. */
  clear(): void;
  end(report: FileReport): void;
  summary(report: RunReport): void;
  /** Resolves when all of it is written; rejects when the reader is gone. */
  flush(): Promise<void>;
}
