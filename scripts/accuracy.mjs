// Word errors of the recordings in test/fixtures: the recognizer alone, a live stream through the
// local server, an uploaded file, and a batch job. All must give the same words for each recording:
// the script fails when they do not. Usage: npm run accuracy [tiny|base]
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import {
  openEngine,
  serverService,
  startServer,
  submitJob,
  toChunks,
  TranscriptCollector,
  transcribeChunks,
  transcribeFile,
  transcriptText,
  waitForJob,
} from "../dist/index.js";

const model = process.argv[2] === "tiny" ? "tiny" : "base";
const fixtures = new URL("../test/fixtures/", import.meta.url);
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("../test/word-errors.ts", import.meta.url))],
  bundle: true,
  format: "esm",
  write: false,
});
const code = Buffer.from(outputFiles[0].text).toString("base64");
const { countWordErrors, normalizeWords } = await import(`data:text/javascript;base64,${code}`);

const engine = await openEngine({ model });
await engine.ready();
const server = await startServer({ recognizer: engine });
const service = serverService(server.url);

/** The recognizer, called directly on the samples that a client would send. */
async function alone(path) {
  const segments = new Map();
  const stream = engine.openStream({ interimSeconds: 0 }, (segment) =>
    segments.set(segment.index, segment),
  );
  for await (const chunk of toChunks(path)) stream.push(new Int16Array(chunk.slice().buffer));
  await stream.finish();
  stream.close();
  return [...segments.values()].flatMap(({ words }) => words.map(({ text }) => text)).join(" ");
}

async function live(path) {
  const collector = new TranscriptCollector();
  for await (const event of transcribeChunks(toChunks(path), { service, pace: "max" })) {
    collector.push(event);
  }
  return transcriptText(collector.transcript());
}

const uploaded = async (path) => transcriptText(await transcribeFile(path, { service }));

const batch = async (path) => {
  const job = await submitJob(path, { service });
  return transcriptText(await waitForJob(job, { service, polling: { firstMs: 200 } }));
};

const ways = { alone, live, uploaded, batch };
const sums = { words: 0, alone: 0, live: 0, uploaded: 0, batch: 0 };
const unequal = [];
console.log(`Moonshine ${model}: wrong words`);
console.log(["".padEnd(18), ...Object.keys(sums).map((key) => key.padStart(9))].join(""));
for (const file of readdirSync(fixtures).filter((name) => name.endsWith(".wav"))) {
  const path = fileURLToPath(new URL(file, fixtures));
  const reference = readFileSync(path.replace(/wav$/u, "txt"), "utf8");
  const errors = {};
  const heard = new Set();
  for (const [way, hear] of Object.entries(ways)) {
    const text = await hear(path);
    const counted = countWordErrors(reference, text);
    errors[way] = counted.errors;
    errors.words = counted.words;
    heard.add(normalizeWords(text).join(" "));
  }
  if (heard.size > 1) unequal.push(file);
  for (const key of Object.keys(sums)) sums[key] += errors[key];
  print(file.slice(0, -4), errors);
}
print("all", sums);
const rate = (way) => `${((100 * sums[way]) / sums.words).toFixed(1)} % ${way}`;
console.log(`word error rate: ${Object.keys(ways).map(rate).join(", ")}`);
if (unequal.length > 0) console.log(`not the same words on every way: ${unequal.join(", ")}`);
await server.close();
await engine.close();
process.exitCode = unequal.length === 0 ? 0 : 1;

function print(name, row) {
  const cells = Object.keys(sums).map((key) => String(row[key]).padStart(9));
  console.log(name.padEnd(18) + cells.join(""));
}
