/** What the parts of one running server share. */
import type { IncomingHttpHeaders } from "node:http";
import { Faults } from "./faults/faults.ts";
import { parseScenario, type Scenario } from "./faults/scenario.ts";
import { HttpError } from "./http-error.ts";
import { messageOf } from "../errors.ts";
import type { Slots } from "./files/slots.ts";
import type { Metrics } from "./metrics.ts";
import type { LogLine, ServerLimits } from "./options.ts";
import type { Recognizer } from "./recognizer.ts";

export interface ServerContext {
  readonly recognizer: Recognizer;
  readonly limits: ServerLimits;
  readonly scenario: Scenario;
  readonly allowScenarios: boolean;
  /** Whether a key is let in; `undefined` = any, or none. */
  readonly isKnown: ((key: string) => boolean) | undefined;
  readonly metrics: Metrics;
  /** Files being transcribed, sync and batch. */
  readonly slots: Slots;
  /** Uploads being received. */
  readonly uploads: Set<unknown>;
  /** Whether a URL in the place of a file is fetched (S7). */
  readonly fetchUrls: boolean;
  /** Where uploads wait; made at the first call, removed when the server closes. */
  tempDir(): Promise<string>;
  log(level: LogLine["level"], event: string, fields?: Readonly<Record<string, LogField>>): void;
  /** True once `close()` was called: nothing new is taken. */
  isDraining(): boolean;
  /** True once the recognizer can answer. */
  isReady(): boolean;
}

export type LogField = string | number | boolean | undefined;

/** The header by which a request asks for a scenario of its own. */
export const SCENARIO_HEADER = "x-everyword-scenario";

/**
 * The behaviors of one request or connection: the server's scenario, and its own where allowed.
 *
 * @throws HttpError 400 for a scenario that is none.
 */
export function faultsOf(
  context: ServerContext,
  headers: IncomingHttpHeaders,
  query: URLSearchParams,
  number: number,
): Faults {
  const asked = headers[SCENARIO_HEADER] ?? query.get("scenario") ?? undefined;
  if (asked === undefined || !context.allowScenarios) {
    return new Faults(context.scenario, {}, number);
  }
  try {
    return new Faults(context.scenario, parseScenario(String(asked)), number);
  } catch (cause) {
    throw new HttpError(400, messageOf(cause), { cause });
  }
}
