/**
 * What a refused or dropped connection means: try again, or stop with a sentence that says what to
 * do (PROTOCOL §1.2, §8.1).
 */
import { errorBodyText, namesModel } from "../../error-body.ts";
import { type ErrorCode, EverywordError, ServiceWithdrawnError } from "../../errors.ts";
import { closeCodeVerdict, statusVerdict } from "../../retry.ts";

/** Why a dial did not become a connection, as the socket port reports it. */
export type DialFailure =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body: string;
      readonly isJson: boolean;
      readonly retryAfterMs: number | undefined;
    }
  /** The host name does not exist, as opposed to a resolver that could not be asked. */
  | { readonly kind: "host-not-found"; readonly message: string }
  /** The certificate or protocol was refused before any request byte. */
  | { readonly kind: "tls-refused"; readonly message: string }
  | { readonly kind: "network"; readonly message: string }
  /** All connections that the account may have are in use by this process (P24). */
  | { readonly kind: "busy"; readonly limit: number }
  /** The function that supplies the key failed; or what it gave can never be sent. */
  | { readonly kind: "key" | "key-unusable"; readonly message: string };

/** Where it happened; nothing in it is secret. */
export interface DialTarget {
  readonly host: string;
  /** Redacted. */
  readonly url: string;
  /** Whether a key goes along; default true. */
  readonly hasKey?: boolean;
}

export type Verdict =
  | { readonly kind: "stop"; readonly error: EverywordError }
  | {
      readonly kind: "retry";
      readonly cause: string;
      /** The other side asked for this wait. */
      readonly afterMs: number | undefined;
      /** What the session fails with when the retries are used up. */
      readonly error: EverywordError;
      /** Worth two more tries at most (status 500). */
      readonly twice: boolean;
      /** Somebody is there: a server that is busy, not an address that is wrong. */
      readonly isAnswered: boolean;
    };

/**
 * @param hostIsKnown whether a connection to this host has succeeded in this process: then a name
 *   that is not found is trouble of the network, not a service that is gone.
 */
export function judgeDial(failure: DialFailure, target: DialTarget, hostIsKnown: boolean): Verdict {
  switch (failure.kind) {
    case "status":
      return judgeStatus(failure, target);
    case "host-not-found":
      if (!hostIsKnown) return stop(new ServiceWithdrawnError(target.host, "host-not-found"));
      return retry(`${target.host} was not found`, network(target, failure.message));
    case "tls-refused":
      if (!hostIsKnown) {
        return stop(
          new ServiceWithdrawnError(target.host, "tls-refused", { cause: failure.message }),
        );
      }
      break;
    case "busy":
      return judgeBusy(failure.limit, target);
    case "key":
      return retry(
        `no key: ${failure.message}`,
        new EverywordError(
          "key-refused",
          `The function that supplies the API key failed (${failure.message}); nothing can be sent to ${target.host} without a key.`,
        ),
      );
    case "key-unusable":
      return stop(
        new EverywordError(
          "key-refused",
          `The function that supplies the API key gave none that can be sent to ${target.host} (${failure.message}); let it give the key and nothing else.`,
        ),
      );
    case "network":
      break;
  }
  return retry(failure.message, network(target, failure.message));
}

/** As a 429 that was not asked for: another session may end at any time. */
function judgeBusy(limit: number, target: DialTarget): Verdict {
  const cause = `${limit} connections are in use`;
  const message = `${target.host} allows an account ${limit} connections, and this process has as many; close other sessions, or set maxConnections.`;
  return { ...retry(cause, new EverywordError("quota", message)), isAnswered: true };
}

type StatusFailure = Extract<DialFailure, { kind: "status" }>;

function judgeStatus(failure: StatusFailure, target: DialTarget): Verdict {
  const { status } = failure;
  const text = errorBodyText(failure.body);
  const said = text === "" ? "" : `: “${text}”`;
  if (status === 401 || status === 403) return stop(keyRefused(target, status, said));
  if (status === 404 && !namesModel(failure.body)) {
    return stop(new ServiceWithdrawnError(target.host, "path-not-found"));
  }
  if (status === 503 && !failure.isJson && failure.body.includes("no healthy upstream")) {
    return stop(new ServiceWithdrawnError(target.host, "no-healthy-upstream", { status }));
  }
  const [code, refused, advice] = meaning(status);
  const error = new EverywordError(
    code,
    `${target.host} ${refused} (HTTP ${status}${said}); ${advice}.`,
    {
      status,
      retryAfterSeconds:
        failure.retryAfterMs === undefined ? undefined : failure.retryAfterMs / 1000,
    },
  );
  const verdict = statusVerdict(status);
  if (verdict === "never") return stop(error);
  return {
    kind: "retry",
    cause: `HTTP ${status}`,
    afterMs: failure.retryAfterMs,
    error,
    twice: verdict === "retry-twice",
    isAnswered: true,
  };
}

/** As the routes for files say it: what makes no sense is `unsupported`, whoever is asked. */
function meaning(status: number): readonly [code: ErrorCode, refused: string, advice: string] {
  switch (status) {
    case 400:
    case 415:
    case 422:
      return ["unsupported", "cannot do what is asked", "change the option it names"];
    case 404:
      return ["unsupported", "cannot do what is asked", "check the model it names"];
    case 402:
    case 412:
    case 429:
      return [
        "quota",
        "refuses more work",
        "wait, close other sessions, or look at the account's limits",
      ];
    default:
      return ["server", "refused the connection", "check the options, or try again later"];
  }
}

/**
 * A connection that was open and is not.
 *
 * @param wasUseful whether it had answered anything: a code that means refusal ends the session only
 *   on a connection that never did.
 */
export function judgeClose(
  code: number,
  reason: string,
  target: DialTarget,
  wasUseful: boolean,
): Verdict {
  const said = reason === "" ? `close code ${code}` : `close code ${code}: ${reason.slice(0, 120)}`;
  if (closeCodeVerdict(code) === "never" && !wasUseful) {
    if (code === 1008 || code > 4000) return stop(keyRefused(target, undefined, ` (${said})`));
    return stop(
      new EverywordError(
        "protocol",
        `${target.host} does not accept what this client sends (${said}); check that it speaks the streaming protocol.`,
      ),
    );
  }
  return retry(said, network(target, said));
}

/** The other side ended the connection in good order. */
export function isGoodbye(code: number): boolean {
  return code === 1000 || code === 1001 || code === 1005;
}

/** An open connection that answers nothing any more. */
export function judgeStall(silentMs: number, target: DialTarget): Verdict {
  const said = `no answer for ${(silentMs / 1000).toFixed(1)} s`;
  return retry(said, network(target, said));
}

function keyRefused(target: DialTarget, status: number | undefined, said: string): EverywordError {
  const answered = status === undefined ? said : ` (HTTP ${status}${said})`;
  const message =
    target.hasKey === false
      ? `${target.host} wants a key${answered}, and none was given; name its file with --api-key-file, or set EVERYWORD_API_KEY (\`apiKey\` in the library).`
      : `${target.host} refused the key${answered}; check that it is current and may use streaming, or send it with --auth bearer (\`auth\` in the library).`;
  return new EverywordError("key-refused", message, { status });
}

function network(target: DialTarget, message: string): EverywordError {
  return new EverywordError(
    "network",
    `No connection to ${target.url} (${message}); check that the server runs and that the network reaches it.`,
  );
}

function retry(cause: string, error: EverywordError): Extract<Verdict, { kind: "retry" }> {
  return { kind: "retry", cause, afterMs: undefined, error, twice: false, isAnswered: false };
}

function stop(error: EverywordError): Verdict {
  return { kind: "stop", error };
}
