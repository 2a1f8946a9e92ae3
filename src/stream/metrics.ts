/**
 * The numbers of a session, by name: what they count, in which unit. The caller's sink gets them one
 * by one; which system keeps them is the caller's choice.
 */

/** How a metric is to be kept. */
export interface Metric {
  /**
   * `counter`: the values add up. `histogram`: each value is one measurement. `gauge`: the value
   * replaces the one before.
   */
  readonly kind: "counter" | "histogram" | "gauge";
  /** UCUM, as OpenTelemetry writes units: `s`, `ms`, `By`, or `{things}`. */
  readonly unit: string;
  /** One sentence; for `cause`, `reason` and `code` also what they can be. */
  readonly about: string;
}

const counter = (unit: string, about: string): Metric => ({ kind: "counter", unit, about });
const latency = (about: string): Metric => ({ kind: "histogram", unit: "ms", about });
const gauge = (unit: string, about: string): Metric => ({ kind: "gauge", unit, about });

/**
 * Every metric. Counters of audio and bytes, and the gauges, are told once a second and at the end;
 * the others as they happen.
 */
export const METRICS = {
  writtenSeconds: counter("s", "Audio taken in."),
  sentSeconds: counter("s", "Audio sent, repeats included."),
  acknowledgedSeconds: counter("s", "Audio that was answered for good."),
  replayedSeconds: counter("s", "Audio that a new connection is sent once more."),
  missingSeconds: counter(
    "s",
    "Audio in gaps, by the `reason` of the gap (`evicted`, `dropped`, …).",
  ),
  gaps: counter("{gaps}", "Gaps, by `reason`."),
  words: counter("{words}", "Final words."),
  connections: counter("{connections}", "Connections that opened."),
  reconnects: counter(
    "{reconnects}",
    "Redials, by `cause`: `close-CODE`, `status-CODE`, `silent`, `no-answer` (to the handshake), `network`, `key`, `host-not-found`, `tls-refused`.",
  ),
  warnings: counter("{warnings}", "Warnings, by `code`."),
  ends: counter("{sessions}", "Sessions that ended, by `reason`: that of the `end` event."),
  sentBytes: counter("By", "Payload sent, audio and text."),
  receivedCharacters: counter("{characters}", "Text received."),
  dialMs: latency("From the wish to dial to the open connection; the gate and the key are in it."),
  firstTextMs: latency("From the first audio to the first text, interim or final; once."),
  interimMs: latency("From writing the end of a word to its first interim."),
  finalMs: latency("From writing the end of a word to the final event it is the last word of."),
  queuedSeconds: gauge("s", "Audio that waits to be sent for the first time."),
  unacknowledgedSeconds: gauge("s", "Audio taken in and not acknowledged."),
  replayBytes: gauge("By", "Memory of the replay buffer."),
  socketBytes: gauge("By", "Bytes that wait in the sockets."),
  queuedEvents: gauge("{events}", "Events that nobody has read yet."),
} as const satisfies Readonly<Record<string, Metric>>;

/** A key of `METRICS`. */
export type MetricName = keyof typeof METRICS;

/**
 * Takes one number: of a counter what it grew by, of a histogram one measurement, of a gauge its
 * level. `attributes` holds `cause`, `reason` or `code` where the metric has one; there are few
 * values of each, and no secret in them. Called within the session's own work: it must not wait. One
 * that throws is not called again, and a `warning` with code `metrics` says so.
 */
export type MetricSink = (
  name: MetricName,
  value: number,
  attributes: Readonly<Record<string, string>>,
) => void;
