/** What a command may touch of the process, handed to it so that tests hand it something else. */
import { cannotWrite, isFullDisk } from "./outputs.ts";
import type { Readable, Writable } from "node:stream";

export interface Io {
  readonly stdin: Readable & {
    readonly isTTY?: boolean;
    readonly setRawMode?: (raw: boolean) => unknown;
  };
  readonly stdout: Writable & {
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly rows?: number;
  };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  /** Working directory. */
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  /** Such as `v20.20.0`. */
  readonly nodeVersion: string;
  /** Aborted by the second Ctrl-C: give up now. */
  readonly abort: AbortSignal;
  /** Aborted by the first Ctrl-C or SIGTERM: finish what is in flight. */
  readonly stop: AbortSignal;
}

/** Writes and waits while the reader is slow. Rejects when the reader is gone (EPIPE). */
export async function write(stream: Writable, text: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(text, (error) => {
      if (error === undefined || error === null) resolve();
      else reject(isFullDisk(error) ? cannotWrite("The output", error) : error);
    });
  });
}

/** The width to write for: 80 where there is no terminal, or one that nobody gave a size (it reports 0). */
export function columnsOf(stream: { readonly columns?: number }): number {
  return knownSize(stream.columns) ?? 80;
}

/** The height to write for: 24 where none is known. */
export function rowsOf(stream: { readonly rows?: number }): number {
  return knownSize(stream.rows) ?? 24;
}

function knownSize(size: number | undefined): number | undefined {
  return size === 0 ? undefined : size;
}

/** Whether to use colors: flag, then the conventions (`NO_COLOR`, `FORCE_COLOR`, `TERM=dumb`, `CI`), then the terminal. */
export function usesColor(io: Io, stream: { readonly isTTY?: boolean }, flag?: string): boolean {
  if (flag === "always") return true;
  if (flag === "never") return false;
  const { env } = io;
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  if (env["FORCE_COLOR"] !== undefined) return env["FORCE_COLOR"] !== "0";
  return stream.isTTY === true && env["TERM"] !== "dumb" && env["CI"] === undefined;
}
