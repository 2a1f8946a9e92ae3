/** What a client may say in a text frame (PROTOCOL §4.2). Pure. */
import { FINAL_ID } from "../../stream/core/wire.ts";

export type ClientMessage =
  | { readonly kind: "clear"; readonly eventId: string | undefined; readonly resetId: string }
  | { readonly kind: "trace"; readonly eventId: string | undefined; readonly traceId: string }
  /** End marker, form A (`checkpoint`) or B (`trace`): PROTOCOL X4. */
  | {
      readonly kind: "end";
      readonly form: "checkpoint" | "trace";
      readonly eventId: string | undefined;
    }
  /** A checkpoint of another name: echoed like a trace. */
  | { readonly kind: "checkpoint"; readonly checkpointId: string }
  /** Not a message of the protocol (W37). */
  | { readonly kind: "bad"; readonly why: string };

export function parseClientMessage(text: string): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "bad", why: "the text frame is not JSON" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { kind: "bad", why: "the text frame is not a JSON object" };
  }
  const eventId = stringAt(value, "event_id");
  const object = stringAt(value, "object");
  if (object === "stt.state.clear") {
    const resetId = stringAt(value, "reset_id");
    if (resetId === undefined) return { kind: "bad", why: "stt.state.clear has no reset_id" };
    return { kind: "clear", eventId, resetId };
  }
  if (object === "stt.input.trace") {
    const traceId = stringAt(value, "trace_id");
    if (traceId === undefined) return { kind: "bad", why: "stt.input.trace has no trace_id" };
    if (traceId === FINAL_ID) return { kind: "end", form: "trace", eventId };
    return { kind: "trace", eventId, traceId };
  }
  if (object !== undefined) return { kind: "bad", why: "the object is unknown" };
  const checkpointId = stringAt(value, "checkpoint_id");
  if (checkpointId === FINAL_ID) return { kind: "end", form: "checkpoint", eventId };
  if (checkpointId !== undefined) return { kind: "checkpoint", checkpointId };
  return { kind: "bad", why: "the message has neither object nor checkpoint_id" };
}

function stringAt(value: object, key: string): string | undefined {
  const found: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
  return typeof found === "string" ? found : undefined;
}
