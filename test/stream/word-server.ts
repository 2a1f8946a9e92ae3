/**
 * A small server of the streaming protocol for the driver's tests: a real `ws` server on loopback
 * that hears one word in every half second of sound and says so as the real one would.
 */
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import type { IncomingMessage } from "node:http";
import { serverService, type ApiKey, type Service } from "../../src/service.ts";

/** Frames of one word; the first sample of the word is its number. */
export const WORD_FRAMES = 8000;

export interface WordServer {
  readonly service: Service;
  readonly requests: IncomingMessage[];
  readonly sockets: WebSocket[];
  readonly audioSizes: number[];
  readonly texts: string[];
  withKey(apiKey: ApiKey): Service;
  close(): Promise<void>;
}

export interface WordServerOptions {
  readonly answersEnd?: boolean;
  readonly refuse?: { readonly status: number; readonly body?: string; readonly type?: string };
  /** Called for every binary frame, with the bytes heard on this connection so far. */
  readonly onAudio?: (socket: WebSocket, connection: number, bytes: number) => void;
}

/** `count` words of audio, numbered from `first`. */
export function wordAudio(count: number, first = 1): Uint8Array {
  const samples = new Int16Array(count * WORD_FRAMES);
  for (let index = 0; index < count; index += 1) samples[index * WORD_FRAMES] = first + index;
  return new Uint8Array(samples.buffer);
}

export async function startWordServer(options: WordServerOptions = {}): Promise<WordServer> {
  const requests: IncomingMessage[] = [];
  const sockets: WebSocket[] = [];
  const audioSizes: number[] = [];
  const texts: string[] = [];
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    perMessageDeflate: false,
    verifyClient: (info, answer) => {
      requests.push(info.req);
      const { refuse } = options;
      if (refuse === undefined) answer(true);
      else {
        answer(false, refuse.status, refuse.body, {
          "content-type": refuse.type ?? "text/plain",
        });
      }
    },
  });
  await new Promise((resolve) => server.once("listening", resolve));
  server.on("connection", (socket) => {
    sockets.push(socket);
    converse(socket, sockets.length, options, audioSizes, texts);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    service: serverService(url),
    withKey: (apiKey) => serverService(url, apiKey),
    requests,
    sockets,
    audioSizes,
    texts,
    close: async () => {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function converse(
  socket: WebSocket,
  connection: number,
  options: WordServerOptions,
  audioSizes: number[],
  texts: string[],
): void {
  let heard = new Uint8Array(0);
  const say = (isEnd: boolean): void => {
    const words = wordsIn(heard, isEnd);
    if (words.length === 0) return;
    const segments = [{ id: 0, text: words.map((word) => word.word).join(" "), words }];
    socket.send(JSON.stringify({ task: "transcribe", language: "en", text: "", segments }));
  };
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (isBinary) {
      audioSizes.push(data.length);
      const joined = new Uint8Array(heard.length + data.length);
      joined.set(heard);
      joined.set(data, heard.length);
      heard = joined;
      options.onAudio?.(socket, connection, heard.length);
      return;
    }
    const text = data.toString("utf8");
    texts.push(text);
    const message = JSON.parse(text) as { object?: string; trace_id?: string };
    say(message.object === undefined);
    if (message.object === "stt.input.trace") {
      socket.send(JSON.stringify({ object: "stt.output.trace", trace_id: message.trace_id }));
    } else if (options.answersEnd !== false) {
      socket.send(JSON.stringify({ checkpoint_id: "final" }));
    }
  });
}

/** Words whose audio is complete are final but the last two; at the end all are. */
function wordsIn(heard: Uint8Array, isEnd: boolean): { word: string }[] {
  const samples = new Int16Array(heard.slice(0, heard.length - (heard.length % 2)).buffer);
  const starts: number[] = [];
  for (let at = 0; at < samples.length; at += 1) if (samples[at] !== 0) starts.push(at);
  const whole = starts.filter((at) => at + WORD_FRAMES <= samples.length);
  return whole.map((at, index) => ({
    word: `word${samples[at]}`,
    language: "en",
    probability: 0.9,
    hallucination_score: 0,
    start: at / 16_000,
    end: (at + WORD_FRAMES * 0.75) / 16_000,
    is_final: isEnd || index < whole.length - 2,
  }));
}
