/**
 * The WebSocket side of the server: handshakes, and a session for each connection. Bounds:
 * `maxStreams` connections, `maxFrameBytes` a message, `maxSendBytes` waiting for a slow reader.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { EverywordError, messageOf } from "../../errors.ts";
import { STREAMING_PATH } from "../../service.ts";
import { faultsOf, type ServerContext } from "../context.ts";
import type { Faults } from "../faults/faults.ts";
import { rateHeaders, refusal, type Refusal, refusalOf, refuse } from "../gateway.ts";
import { HttpError } from "../http-error.ts";
import { resolveModel } from "../models.ts";
import { allowOrigin, FOREIGN_PAGE } from "../origin.ts";
import { parseStreamParameters, type StreamParameters } from "./parameters.ts";
import { StreamSession } from "./session.ts";
import { attachSession } from "./socket.ts";
import type { WindowOrigin } from "./window.ts";

/** All streaming connections of a server. */
export class StreamHub {
  readonly #context: ServerContext;
  readonly #sockets: WebSocketServer;
  readonly #open = new Set<WebSocket>();
  /** Handshakes that a scenario leaves unanswered (W4). */
  readonly #unanswered = new Set<Duplex>();
  #number = 0;
  #origin: WindowOrigin = { id: 0, frame: 0 };
  #whenEmpty: (() => void) | undefined;

  constructor(context: ServerContext) {
    this.#context = context;
    this.#sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: context.limits.maxFrameBytes,
      // Pings are answered by the session, so that a scenario can leave them out (W54).
      autoPong: false,
    });
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    try {
      this.#admit(request, socket, head);
    } catch (error) {
      this.#refuse(socket, refusalOf(error));
    }
  }

  /** Lets running streams finish until `boundMs` passed, then closes them with 1012. */
  async close(boundMs: number): Promise<void> {
    for (const socket of this.#unanswered) socket.destroy();
    if (this.#open.size > 0 && boundMs > 0) await this.#emptied(boundMs);
    for (const socket of this.#open) socket.close(1012, "the server stops");
    if (this.#open.size > 0) await this.#emptied(200);
    for (const socket of this.#open) socket.terminate();
    this.#sockets.close();
  }

  #emptied(boundMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, boundMs);
      this.#whenEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #admit(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { path, query, rawQuery } = splitUrl(request.url ?? "/");
    const faults = faultsOf(this.#context, request.headers, query, ++this.#number);
    if (this.#context.isDraining()) throw new HttpError(503, "The server is stopping.");
    if (faults.has("W4")) {
      this.#unanswered.add(socket);
      socket.once("close", () => this.#unanswered.delete(socket));
      return;
    }
    const refused =
      refuse({ headers: request.headers, query }, faults, this.#context.isKnown) ??
      refuseUpgrade(faults);
    if (refused !== undefined) {
      this.#refuse(socket, refused);
      return;
    }
    if (allowOrigin(request.headers, this.#context.isKnown !== undefined) === undefined) {
      throw new HttpError(403, FOREIGN_PAGE);
    }
    if (path !== STREAMING_PATH) throw new HttpError(404, `There is no stream at ${path}.`);
    const limit = faults.get("W3")?.number("limit") ?? 0;
    if (this.#open.size >= (limit > 0 ? limit : this.#context.limits.maxStreams)) {
      this.#handleFull(request, socket, head, faults, "Too many streams are open.");
      return;
    }
    const encodedComma = faults.variant("W19") === "accepted";
    const parameters = parseStreamParameters(rawQuery, { acceptEncodedComma: encodedComma });
    if (faults.has("W6") && parameters.warnings[0] !== undefined) {
      throw new HttpError(400, `Refused: ${parameters.warnings[0]}.`);
    }
    this.#accept(request, socket, head, faults, parameters);
  }

  #accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    faults: Faults,
    parameters: StreamParameters,
  ): void {
    const { metrics, recognizer } = this.#context;
    const number = this.#number;
    const model = resolveModel(recognizer.models, parameters.model, true);
    let session: StreamSession;
    try {
      session = new StreamSession({
        recognizer,
        parameters,
        faults,
        model: model?.id,
        defaultLanguage: model?.languages[0] ?? "en",
        origin: faults.has("W24") ? { id: 0, frame: 0 } : this.#origin,
        onAudio: (frames) => {
          metrics.audioFrames += frames;
        },
        onFailure: (error) => {
          metrics.recognizerFailures++;
          this.#context.log("error", "recognizer-failed", {
            stream: number,
            why: messageOf(error),
          });
        },
      });
    } catch (error) {
      if (error instanceof EverywordError && error.code === "quota") {
        this.#handleFull(request, socket, head, faults, error.message);
        return;
      }
      throw unsupported(error);
    }
    const warnings = parameters.warnings.join("; ");
    socket.once("close", () => session.close());
    // A client that is gone already says so no more.
    if (socket.destroyed) session.close();
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      this.#context.log("info", "stream-open", { stream: number, warnings });
      this.#track(ws, number, () => {
        session.close();
        this.#origin = session.nextOrigin;
      });
      attachSession(ws, session, faults, this.#context);
    });
  }

  #track(ws: WebSocket, number: number, onEnd: () => void): void {
    const { metrics } = this.#context;
    this.#open.add(ws);
    metrics.streamsTotal++;
    metrics.streamsNow++;
    ws.once("close", (code) => {
      this.#open.delete(ws);
      metrics.streamsNow--;
      this.#context.log("info", "stream-closed", { stream: number, code });
      onEnd();
      if (this.#open.size === 0) this.#whenEmpty?.();
    });
  }

  #handleFull(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    faults: Faults,
    why: string,
  ): void {
    if (faults.variant("W3") !== "1013") {
      this.#refuse(socket, refusal(429, why, { headers: rateHeaders(1) }));
      return;
    }
    this.#context.metrics.streamsRefused++;
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.on("error", () => ws.terminate());
      ws.close(1013, why);
    });
  }

  #refuse(socket: Duplex, refused: Refusal): void {
    this.#context.metrics.streamsRefused++;
    this.#context.metrics.countAnswer(refused.status);
    this.#context.log("warn", "stream-refused", { status: refused.status });
    const headers = {
      "content-type": refused.body.contentType,
      "content-length": String(Buffer.byteLength(refused.body.text)),
      connection: "close",
      ...refused.headers,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `HTTP/1.1 ${refused.status} Refused\r\n${lines.join("")}\r\n`;
    socket.end(head + refused.body.text, () => socket.destroy());
  }
}

/** The statuses of W1. */
function refuseUpgrade(faults: Faults): Refusal | undefined {
  const status = faults.get("W1")?.number("status");
  return status === undefined ? undefined : refusal(status, "A scenario refuses this handshake.");
}

function unsupported(error: unknown): unknown {
  if (error instanceof EverywordError && error.code === "unsupported") {
    return new HttpError(400, error.message, { cause: error, code: "unsupported" });
  }
  return error;
}

/** A request target in its parts; the query also as it came. */
export function splitUrl(target: string): {
  path: string;
  query: URLSearchParams;
  rawQuery: string;
} {
  const mark = target.indexOf("?");
  const rawQuery = mark < 0 ? "" : target.slice(mark + 1);
  const path = mark < 0 ? target : target.slice(0, mark);
  return { path, query: new URLSearchParams(rawQuery), rawQuery };
}
