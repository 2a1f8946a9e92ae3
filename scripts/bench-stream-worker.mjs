// The processes of bench-stream.mjs: the server, the bare loop, and the sessions.
import { createRequire } from "node:module";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const { WebSocket, WebSocketServer } = require("ws");
const [role, ...args] = process.argv.slice(2);
const CHUNK_MS = 50;
const SLOT_MS = 10;
const epochNow = () => performance.timeOrigin + performance.now();

/** Two segments of three seconds, the older one final; words are final two seconds after their end. */
function reply(sentBytes) {
  const at = sentBytes / 32_000;
  const id = Math.floor(at / 3);
  const segments = [];
  for (let number = Math.max(0, id - 1); number <= id; number += 1) {
    const words = [];
    for (let start = number * 3; start < Math.min(at, number * 3 + 3) - 0.3; start += 0.5) {
      words.push({
        word: `word${words.length}`,
        language: "en",
        probability: 0.91,
        hallucination_score: 0.02,
        start,
        end: start + 0.3,
        is_final: number < id || start + 2.3 < at,
      });
    }
    const text = words.map((word) => word.word).join(" ");
    segments.push({ id: number, text, language: "en", words, start: number * 3, end: at, seek: 0 });
  }
  const text = segments.map((segment) => segment.text).join(" ");
  const { words } = segments.at(-1);
  return JSON.stringify({ task: "transcribe", language: "en", text, words, segments });
}

function serve() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  const streams = new Set();
  let lateness = [];
  let frames = 0;
  server.on("connection", (socket) => {
    const stream = { socket, bytes: 0, next: epochNow() + 200, firstAt: 0, audioMs: 0 };
    streams.add(stream);
    socket.on("message", (data, isBinary) => {
      if (!isBinary) {
        const { trace_id: id } = JSON.parse(Buffer.from(data).toString());
        if (id !== undefined) socket.send(`{"object":"stt.output.trace","trace_id":"${id}"}`);
        return;
      }
      const now = epochNow();
      if (stream.bytes === 0) stream.firstAt = now;
      lateness.push(now - stream.firstAt - stream.audioMs);
      stream.bytes += data.length;
      stream.audioMs = stream.bytes / 32;
      frames += data.length / 1600;
    });
    socket.on("close", () => streams.delete(stream));
    socket.on("error", () => {});
  });
  setInterval(() => {
    const now = epochNow();
    for (const stream of streams) {
      if (now < stream.next) continue;
      stream.next += 200;
      stream.socket.send(reply(stream.bytes));
    }
  }, SLOT_MS);
  process.on("message", (message) => {
    if (message === "start") {
      lateness = [];
      frames = 0;
      return;
    }
    const sorted = Float64Array.from(lateness).toSorted();
    const at = (part) => sorted[Math.floor(sorted.length * part)] ?? 0;
    process.send({ p50: at(0.5), p99: at(0.99), frames });
  });
  server.on("listening", () => process.send(server.address().port));
}

/** Writes to each stream every 50 ms, by absolute deadlines; the same wheel for all variants. */
function drive(streams, write) {
  const perSlot = CHUNK_MS / SLOT_MS;
  const started = performance.now();
  let slot = 0;
  const turn = () => {
    const due = Math.floor((performance.now() - started) / SLOT_MS);
    for (; slot <= due; slot += 1) {
      for (let at = slot % perSlot; at < streams; at += perSlot) write(at);
    }
    setTimeout(turn, Math.max(0, started + slot * SLOT_MS - performance.now()));
  };
  turn();
}

async function openBare(port, count) {
  const sockets = [];
  for (let index = 0; index < count; index += 1) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
    let words = 0;
    socket.on("message", (data) => {
      words += JSON.parse(Buffer.from(data).toString()).segments?.length ?? 0;
    });
    sockets.push(socket);
    if (index % 50 === 49) await new Promise((resolve) => socket.once("open", resolve));
  }
  await Promise.all(sockets.map((socket) => waitOpen(socket)));
  const chunk = Buffer.alloc(1600, 1);
  return (at) => sockets[at].send(chunk);
}

function waitOpen(socket) {
  if (socket.readyState === WebSocket.OPEN) return Promise.resolve();
  return new Promise((resolve) => socket.once("open", resolve));
}

async function openSessions(port, count, bundle, chunkMs) {
  const { openSession, serverService } = await import(pathToFileURL(bundle));
  const service = serverService(`http://127.0.0.1:${port}`);
  const sessions = Array.from({ length: count }, () => openSession({ service, chunkMs }));
  await Promise.all(sessions.map((session) => connected(session)));
  const chunk = new Uint8Array(1600).fill(1);
  return (at) => void sessions[at].write(chunk);
}

/** Resolves at the first event and goes on reading: a session has a reader in real life. */
function connected(session) {
  return new Promise((resolve) => {
    void (async () => {
      for await (const event of session) {
        if (event.type === "connected") resolve();
        if (event.type === "reconnected") reconnects += 1;
      }
    })();
  });
}

let reconnects = 0;

async function measure(variant, port, count, seconds, bundle) {
  globalThis.gc?.();
  const before = memory();
  const write =
    variant === "bare"
      ? await openBare(port, count)
      : await openSessions(port, count, bundle, variant === "session-100ms" ? 100 : 50);
  drive(count, write);
  await pause(3000);
  process.send?.("started");
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const cpu = process.cpuUsage();
  const started = performance.now();
  await pause(seconds * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const streamSeconds = (count * (performance.now() - started)) / 1000;
  globalThis.gc?.();
  process.send?.({
    cpu: ((user + system) / 1e6 / streamSeconds) * 1000,
    memory: memory() - before,
    reconnects,
    loopP99: loop.percentile(99) / 1e6,
  });
}

function memory() {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (role === "server") serve();
else await measure(role, Number(args[0]), Number(args[1]), Number(args[2]), args[3]);
