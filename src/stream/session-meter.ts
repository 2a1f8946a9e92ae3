/**
 * Measures one session from what passes through its driver. A session without a sink has none, and
 * pays a comparison for it.
 */
import type { DialFailure } from "./core/failure.ts";
import type { Command } from "./core/commands.ts";
import type { SessionEvent } from "./core/events.ts";
import { secondsOf } from "./core/frames.ts";
import type { MachineLevels } from "./core/levels.ts";
import { BYTES_PER_FRAME } from "./core/wire.ts";
import type { MetricName, MetricSink } from "./metrics.ts";
import { WriteTimes } from "./write-times.ts";

/** What is only known where the session is driven. */
export interface Levels extends MachineLevels {
  readonly socketBytes: number;
  readonly queuedEvents: number;
}

const NONE = {};

/** Always true: what was told of a counter never exceeds what was counted. */
export class SessionMeter {
  readonly #sink: MetricSink;
  readonly #onThrow: (error: unknown) => void;
  readonly #times = new WriteTimes();
  readonly #dialedAtMs = new Map<number, number>();
  /** Connections that nobody has given up yet: only of these a close is a cause. */
  readonly #open = new Set<number>();
  #isBroken = false;
  #firstWriteMs: number | undefined;
  #hasText = false;
  /** Seconds up to which words were shown. */
  #shownSeconds = 0;
  #cause: string | undefined;
  #sentFrames = 0;
  #sentBytes = 0;
  #receivedCharacters = 0;
  #toldEndFrame: number;
  #toldAckedFrame: number;

  /**
   * @param from where the session begins: not at 0 when another process began it.
   * @param onThrow told once, when the sink has thrown.
   */
  constructor(sink: MetricSink, from: MachineLevels, onThrow: (error: unknown) => void) {
    this.#sink = sink;
    this.#onThrow = onThrow;
    this.#toldEndFrame = from.endFrame;
    this.#toldAckedFrame = from.ackedFrame;
  }

  /** @param mediaFrame where the audio that was written by now ends. */
  wrote(now: number, mediaFrame: number): void {
    this.#firstWriteMs ??= now;
    this.#times.wrote(now, secondsOf(mediaFrame));
  }

  received(text: string): void {
    this.#receivedCharacters += text.length;
  }

  opened(now: number, connection: number): void {
    const dialedAtMs = this.#dialedAtMs.get(connection);
    this.#dialedAtMs.delete(connection);
    this.#open.add(connection);
    this.#cause = undefined;
    this.#tell("connections", 1);
    if (dialedAtMs !== undefined) this.#tell("dialMs", now - dialedAtMs);
  }

  refused(connection: number, failure: DialFailure): void {
    this.#dialedAtMs.delete(connection);
    this.#cause = failure.kind === "status" ? `status-${failure.status}` : failure.kind;
  }

  closed(connection: number, code: number): void {
    if (this.#open.delete(connection)) this.#cause = `close-${code}`;
  }

  /** What the machine asks for. */
  command(now: number, command: Command): void {
    if (command.type === "audio") {
      this.#sentFrames += command.bytes.length / BYTES_PER_FRAME;
      this.#sentBytes += command.bytes.length;
    } else if (command.type === "text") this.#sentBytes += command.text.length;
    else if (command.type === "dial") this.#dialedAtMs.set(command.connection, now);
    else if (command.type === "close") this.#open.delete(command.connection);
    else if (command.type === "drop") {
      this.#open.delete(command.connection);
      const isDialing = this.#dialedAtMs.delete(command.connection);
      this.#cause ??= isDialing ? "no-answer" : "silent";
    } else if (command.type === "event") this.#event(now, command.event);
  }

  /** Once a second, and at the end. */
  flush(levels: Levels): void {
    this.#tell("sentSeconds", secondsOf(this.#sentFrames));
    this.#tell("sentBytes", this.#sentBytes);
    this.#tell("receivedCharacters", this.#receivedCharacters);
    this.#tell("writtenSeconds", secondsOf(levels.endFrame - this.#toldEndFrame));
    this.#tell("acknowledgedSeconds", secondsOf(levels.ackedFrame - this.#toldAckedFrame));
    this.#sentFrames = 0;
    this.#sentBytes = 0;
    this.#receivedCharacters = 0;
    this.#toldEndFrame = levels.endFrame;
    this.#toldAckedFrame = levels.ackedFrame;
    this.#tell("queuedSeconds", secondsOf(levels.queuedFrames));
    this.#tell("unacknowledgedSeconds", secondsOf(levels.endFrame - levels.ackedFrame));
    this.#tell("replayBytes", levels.heldBytes);
    this.#tell("socketBytes", levels.socketBytes);
    this.#tell("queuedEvents", levels.queuedEvents);
  }

  #event(now: number, event: SessionEvent): void {
    switch (event.type) {
      case "interim":
      case "final":
        this.#text(now, event);
        break;
      case "gap":
        this.#tell("gaps", 1, { reason: event.reason });
        this.#tell("missingSeconds", event.end - event.start, { reason: event.reason });
        break;
      case "reconnecting":
        this.#tell("reconnects", 1, { cause: this.#cause ?? "silent" });
        this.#cause = undefined;
        break;
      case "reconnected":
        this.#tell("replayedSeconds", event.replayedSeconds);
        break;
      case "warning":
        this.#tell("warnings", 1, { code: event.code });
        break;
      case "end":
        this.#tell("ends", 1, { reason: event.reason });
        break;
      case "connected":
        break;
    }
  }

  #text(now: number, event: Extract<SessionEvent, { type: "interim" | "final" }>): void {
    if (event.text === "") return;
    if (!this.#hasText && this.#firstWriteMs !== undefined) {
      this.#tell("firstTextMs", now - this.#firstWriteMs);
    }
    this.#hasText = true;
    const endSeconds = event.words.findLast((word) => word.end !== undefined)?.end;
    if (event.type === "final") this.#tell("words", event.words.length);
    if (endSeconds === undefined) return;
    const writtenAtMs = this.#times.atMs(endSeconds);
    const isNew = endSeconds > this.#shownSeconds;
    this.#shownSeconds = Math.max(this.#shownSeconds, endSeconds);
    if (writtenAtMs === undefined) return;
    if (event.type === "final") this.#tell("finalMs", now - writtenAtMs);
    else if (isNew) this.#tell("interimMs", now - writtenAtMs);
  }

  #tell(
    name: MetricName,
    value: number,
    attributes: Readonly<Record<string, string>> = NONE,
  ): void {
    if (this.#isBroken) return;
    try {
      this.#sink(name, value, attributes);
    } catch (error) {
      this.#isBroken = true;
      this.#onThrow(error);
    }
  }
}
