// The local server and its recognizer under live load: how far behind the words are that are shown,
// at 1, 2, 4 and 8 streams at once. The streams are the recordings of test/fixtures at the speed of
// speech, sent by a bare `ws` socket; the server is `everyword serve` in processes of its own.
//
//   node scripts/bench-server.mjs [--streams 1,2,4,8] [--seconds 60] [--model base] [--json]
//   node scripts/bench-server.mjs --memory [--megabytes 1000]
//
// The second uploads one large file and tells how far the server's memory grew (Linux).
//
// Every lag is by the stream's audio clock: the moment at which the audio up to a position had been
// sent. A segment's *pause* begins where its last word ends, by the recognizer's own times.
//
//   interim   a message tells of a growing segment: clock when it arrives, minus the end of the audio
//             that it covers
//   word      clock when the word, as it stays, is first shown at its place, minus the word's end
//   settled   clock when the segment's text is first shown as it stays, minus the start of its pause
//   final     clock when its words are marked `is_final`, minus the start of its pause; by the
//             protocol that waits for the next speech or 1 s of silence
//
// Segments that were cut in mid-speech have no pause and count for `word` only.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { WebSocket } from "ws";
import { toChunks } from "../dist/index.js";

const RATE = 16_000;
const CHUNK = 800;
/** Two segments nearer than this were cut, not divided by a pause. */
const SHORTEST_PAUSE_SECONDS = 0.2;
const fixtures = new URL("../test/fixtures/", import.meta.url);
const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

const { values: options } = parseArgs({
  options: {
    streams: { type: "string", default: "1,2,4,8" },
    seconds: { type: "string", default: "60" },
    model: { type: "string", default: "base" },
    json: { type: "boolean", default: false },
    memory: { type: "boolean", default: false },
    megabytes: { type: "string", default: "1000" },
  },
});

const server = await startServer();
if (options.memory) await measureMemory();
else await measureLags();
server.child.kill("SIGTERM");
await once(server.child, "exit");

async function measureLags() {
  const samples = await readSpeech();
  if (!options.json) printHead();
  for (const count of options.streams.split(",").map(Number)) {
    const cpuBefore = cpuSeconds(server.child.pid);
    const length = Number(options.seconds) * RATE;
    const runs = Array.from({ length: count }, (_, index) =>
      runStream(server.url, rotate(samples, (index * samples.length) / count, length), index * 137),
    );
    const lags = merge(await Promise.all(runs));
    const cpu = cpuSeconds(server.child.pid) - cpuBefore;
    const factor = cpu / (count * Number(options.seconds));
    printRow(count, factor, lags);
  }
}

/** Peak memory of the server and each of its workers, before and after the upload. */
async function measureMemory() {
  const before = peaks(server.child.pid);
  const started = performance.now();
  const status = await uploadSilence(server.url, Number(options.megabytes));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const after = peaks(server.child.pid);
  const grown = after.reduce((sum, peak, at) => sum + peak - (before[at] ?? 0), 0);
  console.log(`${options.megabytes} MB uploaded, answered ${status} after ${seconds} s`);
  console.log(`peak memory, MB: ${before.join(" + ")} before, ${after.join(" + ")} after`);
  console.log(`growth of all processes: ${grown} MB`);
  if (status !== 200 || !(grown < 300)) process.exitCode = 1;
}

/** Megabytes at the most, of a process and its children. */
function peaks(pid) {
  const [, kilobytes] = /^VmHWM:\s+(\d+)/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return [Math.round(Number(kilobytes) / 1024), ...childrenOf(pid).flatMap(peaks)];
}

/** A WAV of stereo floats at 48 kHz, made as it is sent; the answer's status. */
async function uploadSilence(url, megabytes) {
  const block = Buffer.alloc(960_000);
  const blocks = Math.floor((megabytes * 1e6) / block.length);
  const open = Buffer.from(
    '--b\r\nContent-Disposition: form-data; name="file"; filename="long.wav"\r\n\r\n',
  );
  const close = Buffer.from("\r\n--b--\r\n");
  const head = wavHead(blocks * block.length);
  const length = open.length + head.length + blocks * block.length + close.length;
  const upload = request(`${url}/v1/audio/transcriptions`, {
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=b", "content-length": length },
  });
  const answered = once(upload, "response");
  upload.write(Buffer.concat([open, head]));
  for (let sent = 0; sent < blocks; sent++) {
    if (!upload.write(block)) await once(upload, "drain");
  }
  upload.end(close);
  const [response] = await answered;
  response.resume();
  return response.statusCode;
}

function wavHead(dataBytes) {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(dataBytes + 36, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(3, 20); // IEEE float
  head.writeUInt16LE(2, 22);
  head.writeUInt32LE(48_000, 24);
  head.writeUInt32LE(48_000 * 8, 28);
  head.writeUInt16LE(8, 32);
  head.writeUInt16LE(32, 34);
  head.write("data", 36);
  head.writeUInt32LE(dataBytes, 40);
  return head;
}

async function startServer() {
  const args = [cli, "serve", "--quiet", "--port", "0", "--max-streams", "32"];
  const child = spawn(process.execPath, [...args, "--local-model", options.model], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  const url = String(line).trim();
  for (;;) {
    const { status } = await fetch(`${url}/readyz`);
    if (status === 200) return { child, url };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** All recordings one after the other, 1.3 s of silence between them. */
async function readSpeech() {
  const parts = [];
  for (const name of readdirSync(fixtures).filter((file) => file.endsWith(".wav"))) {
    for await (const chunk of toChunks(fileURLToPath(new URL(name, fixtures)))) parts.push(chunk);
    parts.push(new Uint8Array(1.3 * RATE * 2));
  }
  const bytes = Buffer.concat(parts);
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
}

/** `length` samples of the endless loop, from `start` on. */
function rotate(samples, start, length) {
  return Int16Array.from({ length }, (_, at) => samples[(Math.floor(start) + at) % samples.length]);
}

/** Streams at the speed of speech; resolves with the lags in seconds. */
async function runStream(url, samples, delayMs) {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  const query = "timestamp_granularities=word&timestamp_granularities=segment";
  const socket = new WebSocket(
    `${url.replace("http", "ws")}/v1/audio/transcriptions/streaming?${query}`,
  );
  await once(socket, "open");
  const startedAt = performance.now();
  const messages = [];
  const ended = new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (/** @type {Buffer} */ data) => {
      const message = JSON.parse(data.toString("utf8"));
      if (message.checkpoint_id === "final") resolve();
      else messages.push({ seconds: (performance.now() - startedAt) / 1000, message });
    });
  });
  for (let at = 0; at < samples.length; at += CHUNK) {
    // A chunk is there when its last sample was spoken.
    const dueMs = startedAt + ((at + CHUNK) * 1000) / RATE - performance.now();
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    socket.send(new Uint8Array(samples.slice(at, at + CHUNK).buffer));
  }
  socket.send('{"checkpoint_id":"final"}');
  await ended;
  socket.close();
  return lagsOf(messages);
}

function lagsOf(messages) {
  /** Segment id -> everything that was told of it, in order. */
  const told = new Map();
  for (const { seconds, message } of messages) {
    for (const segment of message.segments ?? []) {
      const key = String(segment.id);
      const states = told.get(key) ?? [];
      const final = segment.words.length > 0 && segment.words.every((word) => word.is_final);
      const last = states.at(-1);
      const same = last?.text === segment.text && last.end === segment.end && last.final === final;
      if (!same) states.push({ ...segment, final, seconds });
      told.set(key, states);
    }
  }
  const lags = { interim: [], word: [], settled: [], final: [] };
  const segments = [...told.values()].filter((states) => states.at(-1).words.length > 0);
  for (const [index, states] of segments.entries()) {
    const last = states.at(-1);
    const pause = last.words.at(-1).end;
    lags.word.push(...last.words.map((word, at) => firstShown(states, word, at) - word.end));
    const growing = states.filter((state) => !state.final && state.end < last.end - 0.05);
    lags.interim.push(...growing.map((state) => state.seconds - state.end));
    const next = segments[index + 1]?.at(-1);
    if (next === undefined || next.start - pause < SHORTEST_PAUSE_SECONDS) continue;
    const changed = states.findLastIndex((state) => state.text !== last.text);
    lags.settled.push(states[changed + 1].seconds - pause);
    lags.final.push(states.find((state) => state.final).seconds - pause);
  }
  return lags;
}

function firstShown(states, word, at) {
  const isIt = (state) => plain(state.words[at]?.word) === plain(word.word);
  return states.find(isIt).seconds;
}

function plain(text = "") {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

function merge(all) {
  const kinds = Object.keys(all[0]);
  return Object.fromEntries(kinds.map((kind) => [kind, all.flatMap((lags) => lags[kind])]));
}

/** User and system time of a process and its children; `NaN` where /proc does not tell. */
function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /su, "")
      .split(" ");
    const own = (Number(fields[11]) + Number(fields[12])) / 100;
    return childrenOf(pid).reduce((sum, child) => sum + cpuSeconds(child), own);
  } catch {
    return Number.NaN;
  }
}

function childrenOf(pid) {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return list.trim().split(" ").filter(Boolean).map(Number);
}

function printHead() {
  console.log(`Moonshine ${options.model}, ${options.seconds} s a stream; p50 / p95 in seconds\n`);
  console.log("| streams | CPU ÷ audio | interim | word | settled | final |");
  console.log("| ------- | ----------- | ------- | ---- | ------- | ----- |");
}

function printRow(count, factor, lags) {
  if (options.json) {
    console.log(JSON.stringify({ count, factor, lags }));
    return;
  }
  const cells = Object.values(lags).map(
    (values) => `${quantile(values, 0.5)} / ${quantile(values, 0.95)}`,
  );
  console.log(`| ${[count, factor.toFixed(2), ...cells].join(" | ")} |`);
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(2);
}
