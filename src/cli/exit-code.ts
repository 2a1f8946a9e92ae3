/** What went wrong -> what the shell is told. */
import { EverywordError, messageOf, type ErrorCode } from "../errors.ts";

const CODES: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  "key-refused": 3,
  "input-unreadable": 4,
  unsupported: 4,
  network: 5,
  "service-withdrawn": 5,
  "timed-out": 5,
  protocol: 5,
  server: 5,
  recognizer: 5,
  quota: 6,
};

/** Refusals of what was asked: an option, or the model it names. The input itself has 413 and 415. */
const OPTION_STATUSES: readonly (number | undefined)[] = [400, 404, 422];

/** The exit code of an interrupted run (128 + SIGINT). */
export const INTERRUPTED = 130;

export function exitCodeOf(error: unknown): number {
  if (error instanceof EverywordError) return codeOf(error);
  if (error instanceof TypeError || error instanceof RangeError) return 2;
  return 1;
}

function codeOf({ code, status }: EverywordError): number {
  const isOption = code === "unsupported" && OPTION_STATUSES.includes(status);
  return isOption ? CODES.usage : CODES[code];
}

/** The reader of our output is gone; nothing is wrong. */
export function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}

/** One line for stderr. */
export function errorLine(error: unknown): string {
  return `everyword: ${messageOf(error).replaceAll(/\s*\n\s*/gu, " ")}\n`;
}
