/** Node's socket and TLS errors in the words of `core/fault.ts`. */
import { type FaultKind, type FaultStage, HttpFault } from "./core/fault.ts";

const CERTIFICATE_CODES = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/**
 * A TLS failure in mid-upload is the network's (P3); in the handshake a definite refusal is the
 * host's (PROTOCOL §1.2), while a mere reset there is the network's too.
 */
export function faultOf(error: Error, stage: FaultStage, bodySent: boolean): HttpFault {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return new HttpFault(
    kindOf(code, error.message, stage),
    stage,
    bodySent,
    words(code, error),
    error,
  );
}

function kindOf(code: string, message: string, stage: FaultStage): FaultKind {
  if (code === "ENOTFOUND") return "host-not-found";
  if (CERTIFICATE_CODES.has(code)) return "certificate";
  if (code === "ECONNREFUSED") return "refused";
  if (code.startsWith("HPE_")) return "garbled";
  const refusal = code === "EPROTO" || code.startsWith("ERR_SSL") || /alert|ssl/iu.test(message);
  if (stage === "secure" && refusal) return "tls-refused";
  return "broken";
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens at that address",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed",
  ENOTFOUND: "the host name does not exist",
  EAI_AGAIN: "the host name could not be looked up",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "the connection timed out",
};

function words(code: string, error: Error): string {
  const known = WORDS[code];
  if (known !== undefined) return known;
  const said = error.message.trim();
  return said === "" ? `the connection failed${code === "" ? "" : ` (${code})`}` : said;
}
