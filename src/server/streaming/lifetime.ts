/**
 * When and how a scenario ends or freezes a connection (PROTOCOL §12, W28, W39, W50–W57, and W23
 * off). Counts audio frames, bytes and messages; waits through its port.
 */
import { WIRE_RATE } from "../../stream/core/wire.ts";
import type { Faults } from "../faults/faults.ts";
import type { Outbox } from "./outbox.ts";
import type { SessionPort } from "./session.ts";

export class Lifetime {
  readonly #faults: Faults;
  readonly #port: SessionPort;
  #outbox: Outbox | undefined;
  #frames = 0;
  #bytes = 0;
  #inputs = 0;
  #quietFrames = 0;
  #errorSent = false;
  #frozen = false;

  constructor(faults: Faults, port: SessionPort) {
    this.#faults = faults;
    this.#port = port;
  }

  /** Whether nothing is sent any more, not even an answer to a ping (W55). */
  get isFrozen(): boolean {
    return this.#frozen;
  }

  /** Starts the limits that go by the clock. */
  start(outbox: Outbox): void {
    this.#outbox = outbox;
    const session = this.#faults.get("W53");
    if (session !== undefined) {
      this.#port.later(session.number("seconds") * 1000, () =>
        this.#port.close(1001, "session limit"),
      );
    }
    this.#armIdle();
  }

  handleAudio(frames: number, bytes: number): void {
    this.#frames += frames;
    this.#bytes += bytes;
    this.#quietFrames += frames;
    this.#inputs++;
    const seconds = this.#frames / WIRE_RATE;
    this.#repeatInSilence();
    this.#reportError(seconds);
    const stop = this.#faults.get("W28");
    if (stop !== undefined && seconds >= stop.number("seconds")) this.#port.stopReading();
    const freeze = this.#faults.get("W55");
    if (freeze !== undefined && seconds >= freeze.number("seconds")) this.#freeze();
    this.#end(seconds);
  }

  handleSent(messages: number): void {
    this.#quietFrames = 0;
    const at = this.#faults.get("W50")?.number("messages") ?? 0;
    if (at > 0 && messages >= at) this.#port.cut();
  }

  /** The end marker came; true when it will not be answered (W57). */
  handleEnd(): boolean {
    this.#inputs++;
    if (!this.#faults.has("W57")) return false;
    this.#port.cut();
    return true;
  }

  #end(seconds: number): void {
    const cut = this.#faults.get("W50");
    const atBytes = cut?.number("bytes") ?? 0;
    const atSeconds = cut?.number("seconds") ?? 0;
    if ((atBytes > 0 && this.#bytes >= atBytes) || (atSeconds > 0 && seconds >= atSeconds)) {
      this.#port.cut();
      return;
    }
    const drop = this.#faults.get("W56");
    if (drop !== undefined && this.#faults.number <= drop.number("count")) {
      if (seconds >= drop.number("seconds")) this.#port.cut();
      return;
    }
    const close = this.#faults.get("W51");
    if (close === undefined || seconds < close.number("seconds")) return;
    const code = close.number("code");
    // 1005 and 1006 never stand in a close frame (RFC 6455 §7.4.1): they are what its absence is called.
    if (code === 1006) this.#port.cut();
    else this.#port.close(code, close.text("reason"));
  }

  #reportError(seconds: number): void {
    const error = this.#faults.get("W39");
    if (error === undefined || this.#errorSent || seconds < error.number("seconds")) return;
    this.#errorSent = true;
    const message = "a scenario asked for this error";
    this.#outbox?.reply({
      error: error.variant === "object" ? { message, code: "W39" } : message,
    });
  }

  #repeatInSilence(): void {
    if (this.#faults.has("W23") || this.#quietFrames < WIRE_RATE) return;
    this.#quietFrames = 0;
    this.#outbox?.repeatLast();
  }

  #freeze(): void {
    if (this.#frozen) return;
    this.#frozen = true;
    this.#outbox?.freeze();
  }

  #armIdle(): void {
    const idle = this.#faults.get("W52");
    if (idle === undefined) return;
    const before = this.#inputs;
    this.#port.later(idle.number("seconds") * 1000, () => {
      if (this.#inputs === before) this.#port.close(1001, "idle limit");
      else this.#armIdle();
    });
  }
}
