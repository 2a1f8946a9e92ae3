// The clients of bench-stream.mjs, each in a process of its own: the bare loop, and sessions.
import { createRequire } from "node:module";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { Session as Inspector } from "node:inspector/promises";
import { writeFileSync } from "node:fs";

const { WebSocket } = createRequire(import.meta.url)("ws");
const plan = JSON.parse(process.argv[2]);
const CHUNK_MS = 50;
const CHUNK_SAMPLES = 800;
const SLOT_MS = 10;
/** Late by more than this, the wheel leaves the rest for the next turn. */
const MOST_SLOTS = 20;
const WARM_UP_MS = 5000;

/**
 * Writes to each stream every 50 ms, by absolute deadlines on one timer, streams spread over its
 * slots: the same wheel for all variants. Words of 0.3 s, one each 0.5 s, are loud.
 */
function drive(count, write) {
  const perSlot = CHUNK_MS / SLOT_MS;
  const loud = noise(3000);
  const quiet = noise(20);
  const startedMs = performance.now();
  let slot = 0;
  const turn = () => {
    const due = Math.floor((performance.now() - startedMs) / SLOT_MS);
    const until = Math.min(due, slot + MOST_SLOTS);
    for (; slot <= until; slot += 1) {
      const chunk = Math.floor(slot / perSlot) % 10 < 6 ? loud : quiet;
      stamp(chunk, startedMs + slot * SLOT_MS);
      for (let at = slot % perSlot; at < count; at += perSlot) write(at, chunk);
    }
    setTimeout(turn, Math.max(0, startedMs + slot * SLOT_MS - performance.now()));
  };
  turn();
}

function noise(amplitude) {
  const samples = new Int16Array(CHUNK_SAMPLES);
  let state = 1;
  for (let index = 0; index < CHUNK_SAMPLES; index += 1) {
    state = (state * 48_271) % 0x7fffffff;
    samples[index] = (state % (2 * amplitude)) - amplitude;
  }
  return Buffer.from(samples.buffer);
}

/** A moment of this process on the clock that it shares with the server, in milliseconds. */
function sinceBase(nowMs) {
  return performance.timeOrigin - plan.baseMs + nowMs;
}

/** A mark and two samples say when the chunk was due, in 10 µs since the bench began. */
function stamp(chunk, dueMs) {
  const units = Math.max(0, Math.round(sinceBase(dueMs) * 100));
  chunk.writeInt16LE(0x7ffe, 2);
  chunk.writeInt16LE(units % 32768, 4);
  chunk.writeInt16LE(Math.floor(units / 32768), 6);
}

async function openBare(count, port) {
  const sockets = [];
  let segments = 0;
  for (let index = 0; index < count; index += 1) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
    socket.on("message", (data) => {
      segments += JSON.parse(data.toString()).segments?.length ?? 0;
    });
    sockets.push(socket);
    if (index % 50 === 49) await opened(socket);
  }
  for (const socket of sockets) await opened(socket);
  return (at, chunk) => sockets[at].send(chunk);
}

function opened(socket) {
  if (socket.readyState === WebSocket.OPEN) return undefined;
  return new Promise((resolve) => socket.once("open", resolve));
}

/** Sessions with a reader each, as in real life. `onAgain` is told of each redial that succeeded. */
async function openSessions(count, port, onAgain) {
  const { openSession, openSessionPool, serverService } = await import(pathToFileURL(plan.module));
  const service = serverService(`http://127.0.0.1:${port}`);
  // A busy machine may take its time to begin; only what comes after it is measured.
  const options = { service, handshakeTimeoutMs: 60_000, ...plan.options };
  const pool = plan.workers && openSessionPool({ workers: plan.workers });
  const sessions = Array.from({ length: count }, () => pool?.open(options) ?? openSession(options));
  await Promise.all(sessions.map((session) => connected(session, onAgain)));
  return (at, chunk) => void sessions[at].write(chunk);
}

function connected(session, onAgain) {
  return new Promise((resolve) => {
    void (async () => {
      for await (const event of session) {
        if (event.type === "connected") resolve();
        else if (event.type === "reconnected") onAgain();
        else if (event.type === "gap" || event.type === "warning") oddities.push(event);
      }
    })();
  });
}

const oddities = [];

async function measure() {
  const [port, bystanderPort] = plan.ports;
  globalThis.gc();
  const before = memory();
  const againAt = [];
  const onAgain = () => againAt.push(sinceBase(performance.now()));
  const { count, bystanders, seconds } = plan;
  const write =
    plan.variant === "bare"
      ? await openBare(count, port)
      : await openSessions(count, port, onAgain);
  const writeBystander =
    bystanders > 0 ? await openSessions(bystanders, bystanderPort, () => {}) : undefined;
  drive(count + bystanders, (at, chunk) => {
    if (at < count) write(at, chunk);
    else writeBystander(at - count, chunk);
  });
  await pause(plan.warmUpMs ?? WARM_UP_MS);
  process.send("warm");
  const profile = plan.profile === undefined ? undefined : await startProfile();
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const cpu = [];
  for (let second = 0; second < seconds; second += 1)
    cpu.push(await cpuOfASecond(count + bystanders));
  if (profile !== undefined) await stopProfile(profile);
  const loopP99 = loop.percentile(99) / 1e6;
  globalThis.gc();
  process.send({
    cpu,
    memory: memory() - before,
    againAt,
    loopP99,
    oddities: oddities.slice(0, 3),
  });
}

/** Of the whole process, for 1000 stream-seconds. */
async function cpuOfASecond(streams) {
  const before = process.cpuUsage();
  const startedMs = performance.now();
  await pause(1000);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / streams / (performance.now() - startedMs);
}

async function startProfile() {
  const inspector = new Inspector();
  inspector.connect();
  await inspector.post("Profiler.enable");
  await inspector.post("Profiler.setSamplingInterval", { interval: 200 });
  await inspector.post("Profiler.start");
  return inspector;
}

async function stopProfile(inspector) {
  const { profile } = await inspector.post("Profiler.stop");
  writeFileSync(plan.profile, JSON.stringify(profile));
}

function memory() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// A bench that was broken off must leave nothing behind.
process.on("disconnect", () => process.exit());
await measure();
