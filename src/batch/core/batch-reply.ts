/** What the batch route answers, read leniently (PROTOCOL §7, U19). */
import { errorBodyText, isRecord, parseJson, refusalStatus } from "../../error-body.ts";

/** What identifies a job at the service; both ids are needed to ask for it (P29). */
export interface BatchIds {
  /** Of the job. */
  readonly batchId: string;
  /** Of the account; polling needs it (PROTOCOL P29). */
  readonly accountId: string;
  /** Of the endpoint that took the job. */
  readonly endpointId: string;
}

/** `undefined` when an id is missing: then nobody knows the job, though it may exist. */
export function readSubmitReply(text: string, endpointId: string): BatchIds | undefined {
  const reply = parseJson(text);
  if (!isRecord(reply)) return undefined;
  const batchId = identifier(reply["batch_id"]);
  const accountId = identifier(reply["account_id"]);
  if (batchId === undefined || accountId === undefined) return undefined;
  return { batchId, accountId, endpointId: identifier(reply["endpoint_id"]) ?? endpointId };
}

/** How a job stands. The set of status words is open: an unknown one means "not yet" (P28). */
export type JobNews =
  | { readonly kind: "running"; readonly status: string }
  | {
      readonly kind: "completed";
      readonly body: string;
      readonly contentType: string | undefined;
    }
  | {
      readonly kind: "failed";
      readonly status: string;
      readonly message: string;
      /** The 4xx that the answer names: the request is at fault, not the service. */
      readonly refusal?: number | undefined;
    };

const COMPLETED = new Set(["completed", "complete", "succeeded", "success", "done", "finished"]);
const FAILED = new Set([
  "failed",
  "failure",
  "error",
  "errored",
  "cancelled",
  "canceled",
  "expired",
  "rejected",
  "aborted",
]);

/** `undefined` when the answer is no status at all: worth asking again. */
export function readStatusReply(text: string, key?: string): JobNews | undefined {
  const reply = parseJson(text);
  if (!isRecord(reply) || typeof reply["status"] !== "string") return undefined;
  const status = reply["status"].trim().toLowerCase();
  const contentType = reply["content_type"];
  if (COMPLETED.has(status)) {
    const body = reply["body"] ?? "";
    return {
      kind: "completed",
      body: typeof body === "string" ? body : JSON.stringify(body),
      contentType: bodyType(contentType, body),
    };
  }
  if (!FAILED.has(status)) return { kind: "running", status };
  const told = [reply["error"], reply["message"], reply["body"]];
  const said = told.map((value) => describe(value, key));
  const message = said.find((words) => words !== "") ?? "";
  const statuses = [...told, { ...reply, status: undefined }].map((value) => refusalStatus(value));
  const refusal = statuses.find((named) => named !== undefined);
  return { kind: "failed", status, message, refusal };
}

function bodyType(given: unknown, body: unknown): string | undefined {
  if (typeof body !== "string") return "application/json";
  return typeof given === "string" && given.trim() !== "" ? given : undefined;
}

function describe(value: unknown, key: string | undefined): string {
  if (value === undefined || value === null) return "";
  return errorBodyText(typeof value === "string" ? value : JSON.stringify(value), key);
}

function identifier(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
