/** What the client says: the handshake's query and the control messages (PROTOCOL §4.1, §4.2). */
import { FINAL_ID, type WireControl } from "./wire.ts";

/** The session's settings that travel in the handshake and cannot change afterwards. */
export interface HandshakeSettings {
  readonly language?: string | undefined;
  readonly prompt?: string | undefined;
  readonly temperature?: number | undefined;
  /** Experimental: silence after which text is final, 1.0 to 29.0 (PROTOCOL §4.1, P22). */
  readonly textTimeoutSeconds?: number | undefined;
}

/** How the end of the audio is said: `checkpoint` (form A), `trace` (form B), or both (X4). */
export type EndForm = "checkpoint" | "trace" | "both";

/**
 * The query string, without `?`. Both granularities are needed for any time at all, and they are
 * sent by repeating the parameter: an encoded comma is not understood (P17, X10). The key is not
 * here: it goes into the header (P32).
 */
export function handshakeQuery(settings: HandshakeSettings): string {
  const pairs: [string, string][] = [
    ["response_format", "verbose_json"],
    ["timestamp_granularities", "word"],
    ["timestamp_granularities", "segment"],
  ];
  if (settings.language !== undefined) pairs.push(["language", settings.language]);
  if (settings.prompt !== undefined) pairs.push(["prompt", settings.prompt]);
  if (settings.temperature !== undefined) pairs.push(["temperature", String(settings.temperature)]);
  if (settings.textTimeoutSeconds !== undefined) {
    pairs.push(["text_timeout_seconds", String(settings.textTimeoutSeconds)]);
  }
  return pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
}

/** A question that the server answers once it has dealt with everything sent before (W31). */
export function traceMessage(traceId: string): string {
  const control: WireControl = {
    event_id: traceId,
    object: "stt.input.trace",
    trace_id: traceId,
  };
  return JSON.stringify(control);
}

/** The end marker, one message or two. */
export function endMessages(form: EndForm): string[] {
  const checkpoint: WireControl = { checkpoint_id: FINAL_ID };
  if (form === "checkpoint") return [JSON.stringify(checkpoint)];
  if (form === "trace") return [traceMessage(FINAL_ID)];
  return [JSON.stringify(checkpoint), traceMessage(FINAL_ID)];
}
