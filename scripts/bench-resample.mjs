// Compares the resampler with FFmpeg (its default resampler and soxr) and sox, side by side in one
// run: quality in decibels, speed in CPU seconds of whole processes, memory. Prints Markdown.
//   npm run build && node scripts/bench-resample.mjs [--quality] [--speed] [--memory] [--many]
// Without a flag all are measured. Needs ffmpeg and sox on PATH and about 2 GB in the
// temporary folder.
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { wavHeader } from "../dist/resample/core/wav-writer.js";
import { RUN_FRAMES } from "../dist/resample/core/heap.js";
import { createResampler } from "../dist/resample/core/resampler.js";
import { createPlainKernels } from "../dist/resample/core/plain-kernels.js";

const folder = mkdtempSync(join(tmpdir(), "everyword-bench-"));
const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist");
const wanted = process.argv.slice(2);
const all = wanted.length === 0;
const SOXR = "aresample=resampler=soxr:precision=20";

/** Writes a WAV of mono noise (a fixed generator), in blocks. */
function noiseWav(path, rate, seconds) {
  const header = Buffer.from(wavHeader());
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  const block = new Int16Array(rate * 10);
  let state = 12_345;
  for (let i = 0; i < block.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    block[i] = (state >> 16) * 0.3;
  }
  const file = openSync(path, "w");
  writeSync(file, header);
  for (let second = 0; second < seconds; second += 10) writeSync(file, block);
  closeSync(file);
}

// --- quality ---------------------------------------------------------------------------------

const TONE_SECONDS = 0.4;
const AMPLITUDE = 10 ** (-1 / 20);

/** Tones one after the other, each faded in and out so that its spectrum is narrow. */
function tones(rate, hertz) {
  const frames = Math.round(rate * TONE_SECONDS);
  const signal = new Float32Array(frames * hertz.length);
  hertz.forEach((frequency, index) => {
    for (let i = 0; i < frames; i++) {
      const edge = Math.min(i, frames - 1 - i) / (rate * 0.05);
      const fade = edge >= 1 ? 1 : 0.5 - 0.5 * Math.cos(Math.PI * edge);
      const value = AMPLITUDE * fade * Math.sin((2 * Math.PI * frequency * i) / rate);
      signal[index * frames + i] = value;
    }
  });
  return signal;
}

function own(kernels) {
  return (signal, rate) => {
    const resampler = createResampler(rate, kernels);
    const parts = [];
    const keep = (count) => parts.push(Buffer.from(resampler.output.slice(0, count).buffer));
    for (let at = 0; at < signal.length; at += RUN_FRAMES) {
      const part = signal.subarray(at, at + RUN_FRAMES);
      resampler.input.set(part);
      keep(resampler.run(part.length));
    }
    keep(resampler.flush());
    return floats(Buffer.concat(parts));
  };
}

function floats(buffer) {
  return new Float32Array(
    buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length),
  );
}

function program(name, argsOf) {
  return (signal, rate) => {
    const input = Buffer.from(signal.buffer, signal.byteOffset, signal.byteLength);
    const options = { input, maxBuffer: 2 ** 30 };
    const { stdout, status, stderr } = spawnSync(name, argsOf(rate), options);
    if (status !== 0) throw new Error(`${name}: ${stderr.toString()}`);
    return floats(stdout);
  };
}

const raw = (rate) => `-v error -f f32le -ar ${rate} -ac 1 -i pipe:0`;
const words = (text) => text.split(" ");
const CONTENDERS = {
  "everyword (SIMD)": own(undefined),
  "everyword (plain JS)": own(createPlainKernels),
  "ffmpeg -ar 16000": program("ffmpeg", (rate) => words(`${raw(rate)} -ar 16000 -f f32le pipe:1`)),
  "ffmpeg soxr 20-bit": program("ffmpeg", (rate) =>
    words(`${raw(rate)} -af ${SOXR} -ar 16000 -f f32le pipe:1`),
  ),
  "sox rate -v": program("sox", (rate) =>
    words(`-V1 -t raw -r ${rate} -e float -b 32 -c 1 - -t raw -e float -b 32 - rate -v 16000`),
  ),
};

/** The middle of tone `index`, without its fades. */
function middle(output, index) {
  const length = 16_000 * TONE_SECONDS;
  return output.subarray(index * length + 1_600, (index + 1) * length - 1_600);
}

function rms(samples) {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

/** Least-squares fit of one frequency: amplitude, phase, and what is left over. */
function fit(samples, hertz, start) {
  let [cc, ss, cs, xc, xs] = [0, 0, 0, 0, 0];
  samples.forEach((sample, i) => {
    const angle = (2 * Math.PI * hertz * (i + start)) / 16_000;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    cc += c * c;
    ss += s * s;
    cs += c * s;
    xc += sample * c;
    xs += sample * s;
  });
  const det = cc * ss - cs * cs;
  const [a, b] = [(xc * ss - xs * cs) / det, (xs * cc - xc * cs) / det];
  const rest = samples.map((sample, i) => {
    const angle = (2 * Math.PI * hertz * (i + start)) / 16_000;
    return sample - a * Math.cos(angle) - b * Math.sin(angle);
  });
  return { amplitude: Math.hypot(a, b), phase: Math.atan2(a, b), rest: rms(rest) };
}

const db = (ratio) => 20 * Math.log10(ratio);

function judge(resample, rate) {
  const nyquist = rate / 2;
  const flat = [100, 500, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 6_500, 6_800, 7_000];
  const edge = Array.from({ length: 40 }, (_, i) => 7_020 + 25 * i);
  const steps = Array.from({ length: 40 }, (_, i) => 8_050 + ((nyquist - 8_100) * i) / 39);
  const above = nyquist > 8_100 ? steps : [];
  const hertz = [...flat, ...edge, ...above].filter((frequency) => frequency < nyquist * 0.999);
  const output = resample(tones(rate, hertz), rate);
  const level = (index) => {
    const start = index * 16_000 * TONE_SECONDS + 1_600;
    return db(fit(middle(output, index), hertz[index], start).amplitude / AMPLITUDE);
  };
  const flatLevels = hertz.flatMap((f, i) =>
    flat.includes(f) && f < nyquist * 0.85 ? [level(i)] : [],
  );
  const third = hertz.findIndex((f, i) => edge.includes(f) && level(i) < -3);
  const aliases = hertz.flatMap((f, i) =>
    above.includes(f) ? [db((rms(middle(output, i)) * Math.SQRT2) / AMPLITUDE)] : [],
  );
  const kilo = hertz.indexOf(1_000);
  const { phase, rest, amplitude } = fit(middle(output, kilo), 1_000, 1_600);
  return {
    ripple: Math.max(...flatLevels) - Math.min(...flatLevels),
    edge: third < 0 ? undefined : hertz[third],
    alias: aliases.length === 0 ? undefined : Math.max(...aliases),
    noise: db(rest / (amplitude * Math.SQRT1_2)),
    delay: (-phase / (2 * Math.PI * 1_000)) * 1e6,
  };
}

function quality() {
  console.log(
    "| rate | resampler | ripple to 7 kHz, dB | -3 dB at, Hz | alias, dB | error of 1 kHz, dB | delay, µs |",
  );
  console.log("|---|---|---|---|---|---|---|");
  for (const rate of [
    8_000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000,
  ]) {
    for (const [name, resample] of Object.entries(CONTENDERS)) {
      const { ripple, edge, alias, noise, delay } = judge(resample, rate);
      const cells = [rate, name, ripple.toFixed(4), edge ?? "–", alias?.toFixed(1) ?? "–"];
      console.log(`| ${[...cells, noise.toFixed(1), delay.toFixed(2)].join(" | ")} |`);
    }
  }
}

// --- speed and memory ------------------------------------------------------------------------

const reader = join(folder, "read.mjs");
writeFileSync(
  reader,
  `import { toChunks } from ${JSON.stringify(join(dist, "resample/chunks.js"))};
const [path, decoder] = process.argv.slice(2);
let bytes = 0;
for await (const chunk of toChunks(path, { decoder })) bytes += chunk.length;
process.stdout.write(JSON.stringify({ bytes, peakMb: process.resourceUsage().maxRSS / 1024 }));`,
);

/** CPU seconds, user and system, of a shell command and all its children. */
function cpuSeconds(command) {
  const { stdout, status, stderr } = spawnSync("sh", ["-c", `${command}\ntimes >&2`], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  const [, children] = stderr.trim().split("\n").slice(-2);
  const spent = children?.match(/(\d+)m([\d.]+)s/g)?.map((text) => {
    const [, minutes, seconds] = /(\d+)m([\d.]+)s/.exec(text) ?? [];
    return Number(minutes) * 60 + Number(seconds);
  });
  if (status !== 0 || spent === undefined) throw new Error(`${command}: ${stderr}`);
  return { seconds: spent.reduce((sum, value) => sum + value, 0), stdout };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** To 50 ms chunks in a process, or to one through a pipe. */
function commands(path) {
  const end = "| cat > /dev/null";
  const ffmpeg = `ffmpeg -nostdin -v error -i ${path}`;
  return {
    "everyword toChunks": `${process.execPath} ${reader} ${path} > /dev/null`,
    "ffmpeg soxr 20-bit": `${ffmpeg} -af ${SOXR} -ar 16000 -f s16le - ${end}`,
    "ffmpeg -ar 16000": `${ffmpeg} -ar 16000 -f s16le - ${end}`,
    "sox rate -v": `sox -V1 ${path} -b 16 -t raw - rate -v 16000 ${end}`,
  };
}

/** Interleaved: each round runs every contender once, so that they meet the same disturbances. */
function race(list, rounds) {
  const times = Object.fromEntries(Object.keys(list).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(list))
      times[name].push(cpuSeconds(command).seconds);
  }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
}

/** What starting costs drowns short inputs: one minute, and what ten minutes cost beyond it. */
function printRace(label, short, long) {
  const soxr = "ffmpeg soxr 20-bit";
  const beyond = (name) => long[name] - short[name];
  for (const name of Object.keys(long)) {
    const seconds = [short[name], beyond(name)];
    const ratios = [beyond(soxr) / beyond(name), long[soxr] / long[name]];
    const cells = [label, name, ...[...seconds, ...ratios].map((value) => value.toFixed(2))];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function speed() {
  console.log(
    "| input | program | CPU s, 1st minute | CPU s, next 10 minutes | steady speed against soxr | all 11 minutes against soxr |",
  );
  console.log("|---|---|---|---|---|---|");
  for (const rate of [44_100, 48_000, 96_000]) {
    const short = join(folder, "short.wav");
    const long = join(folder, "long.wav");
    noiseWav(short, rate, 60);
    noiseWav(long, rate, 660);
    printRace(`${rate} Hz, mono`, race(commands(short), 5), race(commands(long), 5));
  }
}

function peak(path, decoder) {
  const args =
    path === undefined ? ["-p", "process.resourceUsage().maxRSS / 1024"] : [reader, path];
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    decoder === undefined ? args : [...args, decoder],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  return path === undefined ? Number(stdout) : JSON.parse(stdout).peakMb;
}

function memory() {
  const large = join(folder, "large.wav");
  const long = join(folder, "long.mp3");
  noiseWav(large, 48_000, 11_190);
  const source = ["-f", "lavfi", "-i", "anoisesrc=d=7200:r=44100:a=0.3:seed=1"];
  spawnSync("ffmpeg", ["-v", "error", "-y", ...source, "-b:a", "96k", long]);
  console.log("| input | peak memory, MB |\n|---|---|");
  console.log(`| node itself | ${peak().toFixed(0)} |`);
  console.log(
    `| a script that reads 1.07 GB by createReadStream | ${plainPeak(large).toFixed(0)} |`,
  );
  console.log(`| 1.07 GB of WAV | ${peak(large).toFixed(0)} |`);
  console.log(
    `| 2 hours of mp3, native decoder (its own process not counted) | ${peak(long, "native").toFixed(0)} |`,
  );
  console.log(`| 2 hours of mp3, WebAssembly decoder | ${peak(long, "wasm").toFixed(0)} |`);
  const { "everyword toChunks": ours, "ffmpeg soxr 20-bit": soxr } = commands(large);
  const seconds = race({ ours, soxr }, 3);
  console.log(
    `\n1.07 GB of WAV (48 kHz mono, 3.1 hours): ${seconds.ours.toFixed(2)} s of CPU, ffmpeg soxr ` +
      `${seconds.soxr.toFixed(2)} s, ratio ${(seconds.soxr / seconds.ours).toFixed(2)}`,
  );
}

/** What Node's own way to read a file takes. */
function plainPeak(path) {
  const script = `let bytes = 0;
for await (const block of (await import("node:fs")).createReadStream(process.argv[1])) bytes += block.length;
console.log(process.resourceUsage().maxRSS / 1024)`;
  const args = ["--input-type=module", "-e", script, path];
  return Number(spawnSync(process.execPath, args, { encoding: "utf8" }).stdout);
}

/** Many short files through fresh instances of the WebAssembly decoder, in one process. */
function manyFiles() {
  const short = join(folder, "short.mp3");
  const script = join(folder, "many.mjs");
  const source = ["-f", "lavfi", "-i", "sine=440:d=0.3:r=44100"];
  spawnSync("ffmpeg", ["-v", "error", "-y", ...source, short]);
  writeFileSync(
    script,
    `import { toChunks } from ${JSON.stringify(join(dist, "resample/chunks.js"))};
const resident = [];
for (let file = 1; file <= 200; file++) {
  let bytes = 0;
  for await (const chunk of toChunks(${JSON.stringify(short)}, { decoder: "wasm" })) bytes += chunk.length;
  if (bytes !== 9600) throw new Error(\`file \${file} gave \${bytes} bytes\`);
  if (file % 50 === 0) resident.push(Math.round(process.memoryUsage().rss / 1e6));
}
process.stdout.write(resident.join(", "));`,
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  console.log(`| resident after 50, 100, 150, 200 mp3 files in a row, WebAssembly | ${stdout} |`);
}

try {
  if (all || wanted.includes("--quality")) quality();
  if (all || wanted.includes("--speed")) speed();
  if (all || wanted.includes("--memory")) memory();
  if (all || wanted.includes("--many")) manyFiles();
} finally {
  rmSync(folder, { recursive: true });
}
