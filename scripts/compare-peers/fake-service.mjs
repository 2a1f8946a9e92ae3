// A service that speaks just enough of each peer's protocol: it opens, answers the first second of
// audio, breaks the connection without a goodbye once two seconds have come, and takes the next one.
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { chunksIn } from "./audio.mjs";

const ANSWERED = 10;
const BREAKS_AT = 20;

/**
 * @param WebSocketServer of `ws`
 * @param speak what the service says, in the peer's protocol: `greet(send, text)` for each text
 *   message, `open(send)`, `answer(send, chunks, connection)` for audio
 * @param tls key and certificate, for a client that dials nothing but `wss:`
 */
export async function openFakeService(WebSocketServer, speak, tls) {
  const connections = [];
  const create = tls === undefined ? createServer : createTlsServer;
  const http = create(tls ?? {}, (request, response) => {
    request.resume().on("end", () => {
      response.writeHead(201, { "content-type": "application/json" });
      const { port } = http.address();
      response.end(JSON.stringify({ id: "1", url: `ws://127.0.0.1:${port}/live`, created_at: "" }));
    });
  });
  const server = new WebSocketServer({ server: http });
  server.on("connection", (socket) => {
    const heard = new Set();
    const number = connections.push({ heard, at: performance.now() });
    const send = (message) => socket.send(JSON.stringify(message));
    speak.open?.(send);
    socket.on("message", (data, isBinary) => {
      if (!isBinary) {
        speak.greet?.(send, JSON.parse(data.toString()), socket);
        return;
      }
      const bytes = Uint8Array.from(data);
      for (const n of chunksIn(new Int16Array(bytes.buffer, 0, bytes.length >> 1))) heard.add(n);
      if (number > 1 || heard.size <= ANSWERED) speak.answer?.(send, heard.size, number);
      if (number > 1 || heard.size < BREAKS_AT) return;
      connections[0].brokenAt = performance.now();
      socket.terminate();
    });
    socket.on("error", () => undefined);
  });
  await new Promise((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  return { port: http.address().port, connections, close: () => http.close() };
}
