// Speech that is cut into parts and stitched, against the same recording as a whole, with the local
// recognizer: how many words become wrong, and how many become others when the recording merely
// begins a third of a second later, which is the recognizer's own variation.
//
//   npm run build && node scripts/cut-accuracy.mjs [--minutes 20] [--part-minutes 3] [--seed 1] [--model base]
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import {
  openEngine,
  serverService,
  startServer,
  toChunks,
  transcribeFile,
  transcriptText,
} from "../dist/index.js";
import { wavBytes } from "../dist/server/testing.js";

const RATE = 16_000;
const SHIFT_SECONDS = 0.37;
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "20" },
    "part-minutes": { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    model: { type: "string", default: "base" },
  },
});
const fixtures = new URL("../test/fixtures/", import.meta.url);
const { countWordErrors } = await bundled("../test/word-errors.ts");
const { seeded } = await bundled("../test/batch/random.ts");

const directory = mkdtempSync(join(tmpdir(), "everyword-cut-"));
const engine = await openEngine({ model: values.model === "tiny" ? "tiny" : "base" });
await engine.ready();
const server = await startServer({ recognizer: engine });
try {
  await compare();
} finally {
  await server.close();
  await engine.close();
  rmSync(directory, { recursive: true, force: true });
}

async function compare() {
  const { samples, text } = await recording(Number(values.minutes), Number(values.seed));
  const plain = join(directory, "plain.wav");
  const later = join(directory, "later.wav");
  writeFileSync(plain, wavBytes(samples));
  const shift = Math.round(SHIFT_SECONDS * RATE);
  const shifted = new Int16Array(shift + samples.length);
  shifted.set(samples, shift);
  writeFileSync(later, wavBytes(shifted));
  const options = { service: serverService(server.url) };
  const maxUploadBytes = Math.round(Number(values["part-minutes"]) * 60 * RATE * 2) + 65_536;
  let parts = 0;
  const onProgress = ({ part }) => (parts = Math.max(parts, part));
  const hear = async (path, more) =>
    transcriptText(await transcribeFile(path, { ...options, ...more }));
  const whole = await hear(plain, { preconvert: "never" });
  const moved = await hear(later, { preconvert: "never" });
  const cut = await hear(plain, { maxUploadBytes, onProgress });
  const minutes = (samples.length / RATE / 60).toFixed(1);
  console.log(`${minutes} minutes, Moonshine ${values.model}, seed ${values.seed}, ${parts} parts`);
  for (const [name, heard] of Object.entries({ whole, "0.37 s later": moved, "in parts": cut })) {
    const wrong = countWordErrors(text, heard);
    const other = countWordErrors(whole, heard);
    const rate = ((100 * wrong.errors) / wrong.words).toFixed(2);
    console.log(
      `${name.padEnd(13)} ${wrong.errors} of ${wrong.words} words wrong (${rate} %), ${other.errors} differ from the whole`,
    );
  }
}

/** Readings and prompts in seeded order, 0.3 to 1.2 s apart. */
async function recording(minutes, seed) {
  const random = seeded(seed);
  const names = readdirSync(fixtures).filter((name) => name.endsWith(".wav"));
  const clips = await Promise.all(names.map(async (name) => [await decode(name), words(name)]));
  const samples = new Int16Array(Math.ceil((minutes + 1) * 60 * RATE));
  const said = [];
  let at = 0;
  while (at < minutes * 60 * RATE) {
    const [clip, text] = clips[Math.floor(random() * clips.length)];
    samples.set(clip, at);
    said.push(text);
    at += clip.length + Math.round((0.3 + random() * 0.9) * RATE);
  }
  return { samples: samples.subarray(0, at), text: said.join(" ") };
}

async function decode(name) {
  const chunks = [];
  for await (const chunk of toChunks(fileURLToPath(new URL(name, fixtures)))) {
    chunks.push(Buffer.from(chunk));
  }
  const bytes = Buffer.concat(chunks);
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function words(name) {
  return readFileSync(new URL(name.replace(/wav$/u, "txt"), fixtures), "utf8").trim();
}

async function bundled(path) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(path, import.meta.url))],
    bundle: true,
    format: "esm",
    write: false,
  });
  const code = Buffer.from(outputFiles[0].text).toString("base64");
  return import(`data:text/javascript;base64,${code}`);
}
