/** One behavior of PROTOCOL §12, seen on the wire by a plain client. */
import type { RunningServer, ServerOptions } from "../../../../src/server/server.ts";
import type { FaultCode } from "../../../../src/server/faults/catalog.ts";

export type Start = (options?: Partial<ServerOptions>) => Promise<RunningServer>;

export interface Case {
  /** What is to be seen. */
  readonly sees: string;
  /** What the plain client saw, … */
  readonly look: (start: Start) => Promise<unknown>;
  /** … and what it must be. */
  readonly expected: unknown;
}

/** Variant -> case; codes without variants have `on`, and `off` where that is something to see. */
export type Cases = Readonly<Partial<Record<FaultCode, Readonly<Record<string, Case>>>>>;

export function see(
  sees: string,
  look: (start: Start) => Promise<unknown>,
  expected: unknown,
): Case {
  return { sees, look, expected };
}
