/** What the threads of a session pool say to each other: plain data, many sessions in one message. */
import { EverywordError, ServiceWithdrawnError } from "../errors.ts";
import type { ErrorCode, WithdrawnSignal } from "../errors.ts";
import type { Service } from "../service.ts";
import type { Outcome } from "./core/commands.ts";
import type { SessionEvent } from "./core/events.ts";
import type { SessionOptions } from "./options.ts";

/** What stays behind: functions, and what belongs to one thread. */
type Stays = "service" | "signal" | "openSocket" | "onMetric" | "spill";

/** Options that can travel. */
export interface PlainOptions extends Omit<SessionOptions, Stays> {
  readonly service: Omit<Service, "apiKey"> & { readonly apiKey?: string | undefined };
  /** The key is to be asked for at every dial. */
  readonly asksForKey: boolean;
}

/** What a session is told besides audio. */
export type PoolCall =
  | { readonly type: "open"; readonly options: PlainOptions }
  /** Where the audio of the next step begins. */
  | { readonly type: "at"; readonly mediaSeconds: number }
  | { readonly type: "pause" | "resume" | "finish" | "rotate" | "abort" }
  | { readonly type: "key"; readonly question: number; readonly key: string }
  | { readonly type: "no-key"; readonly question: number; readonly message: string }
  | { readonly type: "place"; readonly place: number; readonly isTaken: boolean };

/** The second number of a step that stands for the next call, not for bytes of audio. */
export const CALL = -1;

/** To a worker: what happened since the last batch, in order. */
export interface PoolBatch {
  /** Two numbers a step: the session, and how many of the next bytes are its, or `CALL`. */
  readonly steps: readonly number[];
  readonly calls: readonly PoolCall[];
  /** Comes back in a report, to be used again. */
  readonly audio: Uint8Array<ArrayBuffer>;
}

/** From a worker, about one session. */
export type PoolReport =
  | { readonly type: "event"; readonly event: SessionEvent }
  /** A writer that can wait should; until `room`. */
  | { readonly type: "full" | "room" }
  | { readonly type: "ask-key"; readonly question: number }
  | { readonly type: "settled"; readonly outcome: CarriedOutcome };

/**
 * From a worker, about the places of an account (P24), by numbers of its own. Each that is asked for
 * is answered; one that was taken is given back, by a session that has ended as well.
 */
export type PlaceReport =
  | {
      readonly type: "take-place";
      readonly place: number;
      readonly account: string;
      readonly limit: number;
    }
  | { readonly type: "give-back"; readonly place: number };

/** From a worker: reports in order, and the audio that was taken in. */
export interface PoolReports {
  readonly reports: readonly (readonly [session: number, report: PoolReport | PlaceReport])[];
  readonly audio: readonly Uint8Array<ArrayBuffer>[];
}

/** What remains of an error between threads; its cause does not travel. */
export interface CarriedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly status: number | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly withdrawn: { readonly host: string; readonly signal: WithdrawnSignal } | undefined;
}

/** An outcome whose error can travel. */
export type CarriedOutcome = Omit<Outcome, "error"> & { readonly error: CarriedError | undefined };

export function carryOutcome(outcome: Outcome): CarriedOutcome {
  const { error } = outcome;
  if (error === undefined) return { ...outcome, error: undefined };
  const { code, message, status, retryAfterSeconds } = error;
  const withdrawn =
    error instanceof ServiceWithdrawnError ? { host: error.host, signal: error.signal } : undefined;
  return { ...outcome, error: { code, message, status, retryAfterSeconds, withdrawn } };
}

export function reviveOutcome(outcome: CarriedOutcome): Outcome {
  return { ...outcome, error: outcome.error && reviveError(outcome.error) };
}

function reviveError({ code, message, withdrawn, ...details }: CarriedError): EverywordError {
  if (withdrawn === undefined) return new EverywordError(code, message, details);
  return new ServiceWithdrawnError(withdrawn.host, withdrawn.signal, details);
}
