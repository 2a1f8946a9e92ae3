/**
 * One streaming connection's protocol (PROTOCOL §4), without its socket. Audio goes to the
 * recognizer as it comes; replies keep their place in one ordered output: an echo is sent after
 * everything that the audio before it caused.
 *
 * Invariants: inputs are handled in the order of arrival; clear and the end marker hold up what
 * follows them; replies are sent in the order of their requests. Bounds: nothing more is handled,
 * and reading pauses once the inbox is full, while `MAX_PENDING_ECHOES` echoes are due or the
 * recognizer is `MAX_BEHIND_SECONDS` behind.
 */
import { EverywordError, messageOf } from "../../errors.ts";
import { BYTES_PER_FRAME, FINAL_ID, WIRE_RATE } from "../../stream/core/wire.ts";
import type { Faults } from "../faults/faults.ts";
import type { Recognizer, RecognizerStream } from "../recognizer.ts";
import { type ClientMessage, parseClientMessage } from "./client-message.ts";
import { Inbox } from "./inbox.ts";
import { Lifetime } from "./lifetime.ts";
import { Outbox } from "./outbox.ts";
import type { StreamParameters } from "./parameters.ts";
import { PcmReader } from "./pcm-reader.ts";
import { SegmentWindow, type WindowOrigin, type WindowRules } from "./window.ts";

const MAX_PENDING_ECHOES = 1024;
const MAX_BEHIND_SECONDS = 30;

/** The socket as the session sees it. */
export interface SessionPort {
  send(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
  /** Ends the connection without a close frame. */
  cut(): void;
  pause(): void;
  resume(): void;
  /** Reads nothing any more, whatever `resume()` says (W28). */
  stopReading(): void;
  /** Calls back after so many milliseconds; never after the connection ended. */
  later(delayMs: number, run: () => void): void;
}

export interface SessionOptions {
  readonly recognizer: Recognizer;
  readonly parameters: StreamParameters;
  readonly faults: Faults;
  /** What the messages say when the client named no language. */
  readonly defaultLanguage: string;
  readonly model: string | undefined;
  readonly origin: WindowOrigin;
  /** Told of audio as it comes, in frames. */
  readonly onAudio: (frames: number) => void;
  /** Told when the recognizer failed. */
  readonly onFailure: (error: unknown) => void;
}

type Input = { readonly audio: Uint8Array } | { readonly text: string };

export class StreamSession {
  readonly #options: SessionOptions;
  readonly #faults: Faults;
  readonly #pcm = new PcmReader();
  #port: SessionPort | undefined;
  #outbox: Outbox | undefined;
  #lifetime: Lifetime | undefined;
  #stream: RecognizerStream;
  #window: SegmentWindow;
  readonly #inbox: Inbox<Input>;
  #echoes: Promise<void> = Promise.resolve();
  #pendingEchoes = 0;
  #streamFrames = 0;
  #origin: WindowOrigin;
  #ended = false;
  #closed = false;

  /** @throws EverywordError as `Recognizer.openStream`: the handshake answers it. */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.#faults = options.faults;
    this.#origin = options.origin;
    this.#window = this.#newWindow();
    this.#stream = this.#openStream();
    this.#inbox = new Inbox({
      handle: (input) =>
        "audio" in input ? this.#takeAudio(input.audio) : this.#takeText(input.text),
      pause: () => this.#port?.pause(),
      resume: () => this.#port?.resume(),
      fail: (error) => this.#fail(error),
    });
  }

  /** The socket is open. */
  attach(port: SessionPort): void {
    this.#port = port;
    const lifetime = new Lifetime(this.#faults, port);
    this.#lifetime = lifetime;
    this.#outbox = new Outbox(this.#faults, port, (sent) => lifetime.handleSent(sent));
    lifetime.start(this.#outbox);
  }

  /** Where a next connection would go on counting (W24 off). */
  get nextOrigin(): WindowOrigin {
    return { id: this.#window.nextId, frame: this.#origin.frame + this.#streamFrames };
  }

  /** Whether a ping is answered now. */
  get isResponsive(): boolean {
    return this.#lifetime?.isFrozen !== true && this.#faults.variant("W54") !== "ignored";
  }

  handleAudio(bytes: Uint8Array): void {
    this.#receive({ audio: bytes }, bytes.byteLength);
  }

  handleText(text: string): void {
    this.#receive({ text }, text.length);
  }

  /** The connection ended: nothing is sent any more. */
  close(): void {
    this.#closed = true;
    this.#inbox.clear();
    this.#stream.close();
  }

  #receive(input: Input, bytes: number): void {
    if (!this.#closed) this.#inbox.push(input, bytes);
  }

  #takeAudio(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#closed) return undefined;
    if (this.#ended && this.#faults.variant("W40") === "close") {
      this.#port?.close(1008, "audio after the end marker");
      return undefined;
    }
    if (isUnusual(bytes.byteLength) && !this.#tolerate("W38", "unusual audio frame", 1003)) {
      return undefined;
    }
    const samples = this.#pcm.read(bytes);
    this.#streamFrames += samples.length;
    this.#options.onAudio(samples.length);
    if (samples.length > 0) this.#stream.push(samples);
    this.#lifetime?.handleAudio(samples.length, bytes.byteLength);
    return this.#stream.behindSeconds() > MAX_BEHIND_SECONDS ? this.#stream.drain() : undefined;
  }

  #takeText(text: string): Promise<void> | undefined {
    if (this.#closed) return undefined;
    const message = parseClientMessage(text);
    switch (message.kind) {
      case "bad":
        this.#tolerate("W37", message.why, 1007);
        return undefined;
      case "checkpoint":
        return this.#echo(() => this.#outbox?.reply({ checkpoint_id: message.checkpointId }));
      case "trace":
        if (!this.#faults.has("W31")) return undefined;
        return this.#echo(() =>
          this.#outbox?.reply({
            ...eventId(message.eventId),
            object: "stt.output.trace",
            trace_id: message.traceId,
          }),
        );
      case "clear":
        return this.#clear(message);
      case "end":
        return this.#end(message);
      default:
        return undefined;
    }
  }

  /** Replies once earlier audio was answered; waits only when too many replies are due. */
  #echo(reply: () => void): Promise<void> | undefined {
    const drained = this.#stream.drain();
    this.#pendingEchoes++;
    this.#echoes = Promise.all([this.#echoes, drained]).then(() => {
      this.#pendingEchoes--;
      if (!this.#closed) reply();
      return undefined;
    });
    this.#echoes.catch((error: unknown) => this.#fail(error));
    return this.#pendingEchoes > MAX_PENDING_ECHOES ? this.#echoes : undefined;
  }

  async #clear(message: ClientMessage & { kind: "clear" }): Promise<void> {
    await this.#stream.drain();
    await this.#echoes;
    if (this.#closed) return;
    const variant = this.#faults.variant("W36");
    if (variant === "continue") this.#origin = this.nextOrigin;
    else if (this.#faults.has("W24")) this.#origin = { id: 0, frame: 0 };
    this.#stream.close();
    this.#pcm.reset();
    this.#streamFrames = 0;
    this.#window = this.#newWindow();
    this.#stream = this.#openStream();
    if (variant === "late-before") this.#outbox?.repeatLast();
    if (variant !== "no-ack") {
      this.#outbox?.reply({
        ...eventId(message.eventId),
        object: "stt.state.cleared",
        reset_id: message.resetId,
      });
    }
    if (variant === "late-after") this.#outbox?.repeatLast();
  }

  async #end(message: ClientMessage & { kind: "end" }): Promise<void> {
    this.#ended = true;
    if (this.#lifetime?.handleEnd() === true) return;
    await this.#stream.finish();
    await this.#echoes;
    const delayMs = this.#faults.get("W30")?.number("delayMs") ?? 0;
    if (delayMs > 0) await new Promise<void>((done) => this.#port?.later(delayMs, done));
    if (this.#closed || this.#faults.has("W32")) return;
    const form = this.#faults.has("W34") === (message.form === "trace") ? "checkpoint" : "trace";
    const copies = this.#faults.has("W33") ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (form === "checkpoint") this.#outbox?.reply({ checkpoint_id: FINAL_ID });
      else {
        this.#outbox?.reply({
          ...eventId(message.eventId),
          object: "stt.output.trace",
          trace_id: FINAL_ID,
        });
      }
    }
    if (this.#faults.has("W35")) this.#outbox?.repeatLast();
  }

  /** Whether input that breaks the protocol is let pass (W37, W38). */
  #tolerate(code: "W37" | "W38", why: string, closeCode: number): boolean {
    const variant = this.#faults.variant(code);
    if (variant === "error") this.#outbox?.reply({ error: { message: why, code: code } });
    else if (variant === "close") this.#port?.close(closeCode, why);
    else if (variant === "1003" || variant === "1007") this.#port?.close(Number(variant), why);
    return variant === "accepted";
  }

  #openStream(): RecognizerStream {
    const { parameters, recognizer, model } = this.#options;
    const endpoint = this.#faults.get("W16")?.number("seconds") ?? 0;
    return recognizer.openStream(
      {
        language: parameters.language,
        prompt: parameters.prompt,
        model,
        endpointSeconds: endpoint > 0 ? endpoint : parameters.textTimeoutSeconds,
        interimSeconds: this.#faults.has("W15") ? 0.4 : 0,
      },
      (segment) => {
        if (!this.#closed) this.#outbox?.transcribe(this.#window.update(segment));
      },
    );
  }

  #newWindow(): SegmentWindow {
    const { parameters, defaultLanguage } = this.#options;
    const whole = this.#faults.has("W11") || !this.#faults.has("W10");
    const rules: WindowRules = {
      task: "transcribe",
      language: parameters.language ?? defaultLanguage,
      times: parameters.times || !this.#faults.has("W19"),
      windowSeconds: whole ? Infinity : (this.#faults.get("W12")?.number("seconds") ?? Infinity),
      ids: idStyle(this.#faults.variant("W13")),
      seek: this.#faults.has("W22"),
    };
    return new SegmentWindow(rules, this.#origin);
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.#options.onFailure(error);
    const isFull = error instanceof EverywordError && error.code === "quota";
    const code = isFull ? "quota" : "recognizer";
    this.#outbox?.reply({ error: { message: messageOf(error), code } });
    if (isFull) this.#port?.close(1013, "the recognizer is full");
    else this.#port?.close(1011, "the recognizer failed");
    this.close();
  }
}

function eventId(id: string | undefined): { event_id?: string } {
  return id === undefined ? {} : { event_id: id };
}

function idStyle(variant: string | undefined): "number" | "string" | "seg" {
  return variant === "string" || variant === "seg" ? variant : "number";
}

/** Odd, empty, under 50 ms or over 400 ms (PROTOCOL §4.2). */
function isUnusual(bytes: number): boolean {
  const frames = bytes / BYTES_PER_FRAME;
  return !Number.isInteger(frames) || frames < 0.05 * WIRE_RATE || frames > 0.4 * WIRE_RATE;
}
