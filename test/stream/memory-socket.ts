/** A socket in memory, with a server behind it that behaves as a test says. */
import type { OpenSocket, SocketEvents, StreamSocket } from "../../src/stream/socket.ts";

export interface Manners {
  /** What becomes of the dial. */
  readonly dial: "opens" | "refused" | "hangs" | "throws";
  readonly dialMs: number;
  /** What is answered: all, no end marker, or nothing, pings included. */
  readonly answers: "all" | "no end" | "nothing";
  /** It is cut with this code so long after it opened. */
  readonly cut?: { readonly afterMs: number; readonly code: number } | undefined;
  /** This call throws, each time; a socket on which ending it throws has ended all the same. */
  readonly throws?: "send" | "ping" | "close" | "terminate" | undefined;
}

/** Counts what must not happen: calls on a socket that was closed, and sockets that stay open. */
export class MemoryNetwork {
  readonly #manners: readonly Manners[];
  #dials = 0;
  readonly #sockets = new Set<MemorySocket>();
  /** Calls of any kind. */
  calls = 0;
  /** What the dials were made with. */
  readonly keys: (string | undefined)[] = [];
  /** When sockets were asked for. */
  readonly dialedAtMs: number[] = [];
  /** When audio messages came. */
  readonly audioAtMs: number[] = [];

  constructor(manners: readonly Manners[]) {
    this.#manners = manners;
  }

  /** Sockets that neither side has ended. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Cuts every connection at once. */
  cutAll(code: number): void {
    for (const socket of this.#sockets) socket.cut(code);
  }

  readonly openSocket: OpenSocket = (request, events) => {
    this.keys.push(request.headers["Authorization"]);
    this.calls += 1;
    this.dialedAtMs.push(performance.now());
    const manners = this.#manners[this.#dials % this.#manners.length];
    this.#dials += 1;
    if (manners === undefined || manners.dial === "throws") throw new Error("no socket");
    const socket = new MemorySocket(this, manners, events, () => this.#sockets.delete(socket));
    this.#sockets.add(socket);
    return socket;
  };
}

class MemorySocket implements StreamSocket {
  readonly bufferedBytes = 0;
  readonly #network: MemoryNetwork;
  readonly #manners: Manners;
  readonly #events: SocketEvents;
  readonly #onEnd: () => void;
  #isOver = false;

  constructor(network: MemoryNetwork, manners: Manners, events: SocketEvents, onEnd: () => void) {
    this.#network = network;
    this.#onEnd = onEnd;
    this.#manners = manners;
    this.#events = events;
    if (manners.dial === "hangs") return;
    this.#answer(manners.dialMs, () => {
      if (manners.dial === "opens") this.#opened();
      else {
        this.#end();
        events.onRefused({ kind: "network", message: "refused" });
      }
    });
  }

  send(data: Uint8Array | string): void {
    this.#called("send");
    const { answers } = this.#manners;
    if (typeof data !== "string") this.#network.audioAtMs.push(performance.now());
    if (typeof data !== "string" || answers === "nothing") return;
    const { object, trace_id: id } = JSON.parse(data) as { object?: string; trace_id?: string };
    if (object === undefined && answers === "no end") return;
    const echo =
      object === undefined
        ? { checkpoint_id: "final" }
        : { object: "stt.output.trace", trace_id: id };
    this.#answer(5, () => this.#events.onText(JSON.stringify(echo)));
  }

  ping(): void {
    this.#called("ping");
    if (this.#manners.answers !== "nothing") this.#answer(1, () => this.#events.onSign());
  }

  close(): void {
    if (this.#manners.throws !== "close") this.#end();
    this.#called("close");
  }

  terminate(): void {
    this.#end();
    this.#called("terminate");
  }

  #called(what: Manners["throws"]): void {
    this.#network.calls += 1;
    if (this.#manners.throws === what) throw new Error(`cannot ${what}`);
  }

  #opened(): void {
    this.#events.onOpen();
    const { cut } = this.#manners;
    if (cut === undefined) return;
    this.#answer(cut.afterMs, () => this.cut(cut.code));
  }

  cut(code: number): void {
    this.#end();
    this.#events.onClosed(code, "");
  }

  #answer(delayMs: number, what: () => void): void {
    setTimeout(() => {
      if (!this.#isOver) what();
    }, delayMs);
  }

  #end(): void {
    this.#onEnd();
    this.#isOver = true;
  }
}
