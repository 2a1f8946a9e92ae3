// The server of bench-stream.mjs: it answers as a recognizer would, measures how late each frame
// comes, and drops all connections of its first port when told to.
import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(import.meta.url)("ws");
const SLOT_MS = 10;
const FRAME_BYTES = 1600;
const REPLY_MS = 200;
/** With words of 0.3 s, one each 0.5 s, 2 s of audio are not final on average. */
const FINAL_AFTER_SECONDS = 1.7;
/** The sample before the two that say when a chunk was due; see `stamp` in bench-stream-client.mjs. */
const MARK = Buffer.from([0xfe, 0x7f]);
/** Said again after a drop and nearly live once more. */
const CAUGHT_UP_MS = 100;

const baseMs = Number(process.argv[2]);
const sinceBase = () => performance.timeOrigin - baseMs + performance.now();

const streams = new Set();
const replies = new Map();
const lateness = [[], []];
const caughtUpAt = [];
let frames = 0;
let droppedAtMs = Infinity;

function listen(group) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (socket) => {
    const now = sinceBase();
    const isAgain = group === 0 && now > droppedAtMs;
    const stream = { socket, group, bytes: 0, nextAtMs: now + REPLY_MS, isLagging: isAgain };
    streams.add(stream);
    socket.on("message", (data, isBinary) => {
      if (isBinary) hear(stream, data);
      else answer(socket, JSON.parse(data.toString()));
    });
    socket.on("close", () => streams.delete(stream));
    socket.on("error", () => {});
  });
  return new Promise((resolve) => {
    server.on("listening", () => resolve(server.address().port));
  });
}

function hear(stream, data) {
  stream.bytes += data.length;
  frames += data.length / FRAME_BYTES;
  const at = data.lastIndexOf(MARK);
  if (at < 0 || at + 6 > data.length) return;
  const now = sinceBase();
  const lateMs = now - (data.readInt16LE(at + 2) + data.readInt16LE(at + 4) * 32768) / 100;
  lateness[stream.group].push(lateMs);
  if (!stream.isLagging || lateMs > CAUGHT_UP_MS) return;
  stream.isLagging = false;
  caughtUpAt.push(now - droppedAtMs);
}

function answer(socket, { trace_id: id }) {
  if (id !== undefined) socket.send(`{"object":"stt.output.trace","trace_id":"${id}"}`);
}

function sendReplies() {
  const now = sinceBase();
  for (const stream of streams) {
    if (now < stream.nextAtMs) continue;
    stream.nextAtMs += REPLY_MS;
    stream.socket.send(replyAt(stream.bytes), { binary: false });
  }
}

/** Streams walk nearly in step, so a reply is written once for all: what is measured is the client. */
function replyAt(bytes) {
  const known = replies.get(bytes);
  if (known !== undefined) return known;
  if (replies.size > 5000) replies.clear();
  const reply = Buffer.from(writeReply(bytes / 32_000));
  replies.set(bytes, reply);
  return reply;
}

/** A window of two segments of three seconds; all before it was final long ago. About 1.5 KB. */
function writeReply(at) {
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
        is_final: start + 0.3 + FINAL_AFTER_SECONDS < at,
      });
    }
    const text = words.map((word) => word.word).join(" ");
    segments.push({ id: number, text, language: "en", words, start: number * 3, end: at, seek: 0 });
  }
  const text = segments.map((segment) => segment.text).join(" ");
  const { words } = segments.at(-1);
  return JSON.stringify({ task: "transcribe", language: "en", text, words, segments });
}

function report() {
  const { user, system } = process.cpuUsage();
  process.send({
    late: lateness.map((list) => spread(list)),
    frames,
    caughtUp: spread(caughtUpAt),
    caughtUpCount: caughtUpAt.length,
    droppedAtMs,
    serverCpu: (user + system) / 1e6,
  });
}

function spread(list) {
  const sorted = Float64Array.from(list).toSorted();
  const at = (part) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), worst: sorted.at(-1) ?? Number.NaN };
}

process.on("message", (message) => {
  if (message === "report") {
    report();
    return;
  }
  for (const list of lateness) list.length = 0;
  frames = 0;
  if (message !== "drop") return;
  droppedAtMs = sinceBase();
  for (const { group, socket } of streams) if (group === 0) socket.terminate();
});
// A bench that was broken off must leave nothing behind.
process.on("disconnect", () => process.exit());
setInterval(sendReplies, SLOT_MS);
process.send({ ports: [await listen(0), await listen(1)] });
