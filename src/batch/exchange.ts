/**
 * One HTTP request on `node:http`, on a connection of its own, under absolute deadlines of our own:
 * Node's `timeout` counts idle time only, so a dripping answer never ends it.
 *
 * Invariant: `answer` settles exactly once, and after that the socket is closed or given back.
 */
import { type Agent, type ClientRequest, type IncomingMessage, request as plain } from "node:http";
import { request as secure } from "node:https";
import type { Socket } from "node:net";
import { type FaultStage, HttpFault } from "./core/fault.ts";
import type { HttpAnswer } from "./core/verdict.ts";
import { faultOf } from "./fault-of.ts";
import type { HttpLimits } from "./http-port.ts";

export interface ExchangeOptions {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly limits: HttpLimits;
  /** `false`: a connection of its own, closed afterwards. */
  readonly agent: Agent | false;
  readonly signal?: AbortSignal | undefined;
  readonly onConnected?: (() => void) | undefined;
}

const ignore = (): void => undefined;

/** How long an answer may take that was sent before the connection was closed: it lies there already. */
const LEFT_ANSWER_MS = 250;

export class Exchange {
  readonly answer: Promise<HttpAnswer>;
  /** Resolves when the other side asks for the body, or answers without it; never rejects. */
  readonly invited: Promise<void>;
  readonly #request: ClientRequest;
  readonly #options: ExchangeOptions;
  #resolve: (answer: HttpAnswer) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;
  #invite: () => void = () => undefined;
  #wake: () => void = ignore;
  #letClose: () => void = ignore;
  #stage: FaultStage = "resolve";
  #deadline: NodeJS.Timeout | undefined;
  #bodySent = false;
  #settled = false;
  #refused = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer.catch(() => undefined);
    this.invited = new Promise((resolve) => {
      this.#invite = resolve;
    });
    const open = options.url.protocol === "https:" ? secure : plain;
    this.#request = open(options.url, {
      method: options.method,
      headers: { ...options.headers },
      agent: options.agent,
    });
    this.#listen();
    this.#limit(options.limits.connectMs, `no connection within ${options.limits.connectMs} ms`);
    this.#request.flushHeaders();
  }

  /** True once the body is no longer wanted: the answer is there, or the request failed. */
  get stopped(): boolean {
    return this.#settled || this.#refused;
  }

  /**
   * `onTaken` is called once, when the network has taken the bytes, which may then be overwritten, or
   * when the exchange stopped. One write at a time.
   */
  write(bytes: Uint8Array, onTaken: () => void): void {
    this.#wake = onTaken;
    if (this.stopped) {
      this.#wakeWriter();
      return;
    }
    // The limit that runs since the connection was made, or since the last write, begins anew.
    if (this.#stage === "upload") this.#deadline?.refresh();
    this.#request.write(bytes, this.#onWritten);
  }

  /** The body is complete with these bytes; from now on the answer is waited for. */
  end(bytes?: Uint8Array): void {
    if (this.stopped) return;
    this.#bodySent = true;
    this.#request.end(bytes);
    if (this.#stage === "upload") this.#awaitAnswer();
  }

  /** Gives up at once; `answer` rejects with `reason`, as it is. */
  abort(reason: unknown): void {
    this.#fail(reason);
  }

  #listen(): void {
    const { signal } = this.#options;
    this.#request.on("socket", (socket) => this.#follow(socket));
    this.#request.on("continue", () => this.#invite());
    this.#request.on("response", (response) => this.#receive(response));
    this.#request.on("error", (error) => this.#fail(this.#fault(error)));
    this.#request.on("upgrade", (_response, socket) => {
      socket.destroy();
      this.#fail(this.#fault(new Error("it answered with an upgrade")));
    });
    if (signal?.aborted === true) this.#fail(signal.reason);
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #wakeWriter = (): void => {
    const wake = this.#wake;
    this.#wake = ignore;
    wake();
  };

  readonly #onWritten = (error?: Error | null): void => {
    if (error !== undefined && error !== null) this.#readOn(error);
    this.#wakeWriter();
  };

  /**
   * A connection that takes no more may hold an answer that says why. Node closes it right behind this
   * call, the answer unread; so it stays open until that is read, or there is none.
   */
  #readOn(error: Error): void {
    const { socket } = this.#request;
    if (socket === null || this.stopped) return;
    this.#refused = true;
    let calls = 0;
    socket.destroy = () => {
      calls += 1;
      // The first is for what failed to be written, the next for the end of what could be read, which
      // may be on its way to us still.
      if (calls === 2) setImmediate(() => this.#fail(this.#fault(error)));
      return socket;
    };
    // What a stream reads behind an error it drops.
    const { _readableState: state } = socket as Socket & { _readableState?: { errored: unknown } };
    if (state !== undefined) state.errored = undefined;
    this.#letClose = () => Reflect.deleteProperty(socket, "destroy");
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#fail(this.#fault(error)), LEFT_ANSWER_MS);
  }

  readonly #onAbort = (): void => this.#fail(this.#options.signal?.reason);

  #follow(socket: Socket): void {
    // Node sets this for plain connections only; without it the last bytes may wait 40 ms for the other
    // side's acknowledgement of those before.
    socket.setNoDelay(true);
    const ready = (): void => {
      this.#stage = "upload";
      this.#options.onConnected?.();
      if (this.#bodySent) this.#awaitAnswer();
      else {
        const { stallMs } = this.#options.limits;
        this.#limit(stallMs, `nothing was taken for ${stallMs} ms`);
      }
    };
    if (!socket.connecting) {
      ready();
      return;
    }
    const tls = this.#options.url.protocol === "https:";
    socket.once("lookup", (error: Error | null) => {
      if (error === null) this.#stage = "connect";
    });
    socket.once("connect", () => {
      if (tls) this.#stage = "secure";
      else ready();
    });
    if (tls) socket.once("secureConnect", ready);
  }

  #awaitAnswer(): void {
    this.#stage = "answer";
    const { responseMs } = this.#options.limits;
    this.#limit(responseMs, `no whole answer within ${responseMs} ms`);
  }

  #receive(response: IncomingMessage): void {
    const status = response.statusCode ?? 0;
    if (!this.#bodySent && (status < 200 || status > 299)) {
      // An early refusal: the rest of the body would be thrown away (RFC 9112 §9.5).
      this.#refused = true;
      this.#wakeWriter();
      this.#limit(this.#options.limits.stallMs, "its early answer did not end");
    }
    this.#invite();
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > this.#options.limits.answerBytes) {
        this.#fail(
          this.#garbled(`its answer is larger than ${this.#options.limits.answerBytes} bytes`),
        );
        return;
      }
      chunks.push(chunk);
    });
    response.on("error", (error) => this.#fail(this.#fault(error)));
    response.on("end", () => {
      if (!response.complete) {
        this.#fail(this.#fault(new Error("its answer was cut off")));
        return;
      }
      const text = Buffer.concat(chunks).toString("utf8");
      this.#finish({ status, headers: response.headers, text, bodySent: this.#bodySent });
    });
  }

  #limit(delayMs: number, words: string): void {
    clearTimeout(this.#deadline);
    if (this.#settled) return;
    this.#deadline = setTimeout(() => {
      this.#fail(new HttpFault("timed-out", this.#stage, this.#bodySent, words));
    }, delayMs);
  }

  #fault(error: Error): HttpFault {
    return faultOf(error, this.#stage, this.#bodySent);
  }

  #garbled(words: string): HttpFault {
    return new HttpFault("garbled", "answer", this.#bodySent, words);
  }

  #finish(answer: HttpAnswer): void {
    if (this.#settled) return;
    this.#resolve(answer);
    this.#release();
    // A body that was cut short leaves the connection useless.
    if (!answer.bodySent && this.#options.method === "POST") this.#request.destroy();
  }

  #fail(reason: unknown): void {
    if (this.#settled) return;
    this.#reject(reason);
    this.#release();
    this.#request.destroy();
  }

  #release(): void {
    this.#settled = true;
    this.#letClose();
    clearTimeout(this.#deadline);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#invite();
    this.#wakeWriter();
  }
}
