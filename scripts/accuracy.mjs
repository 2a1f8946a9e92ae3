// Word errors of the recordings in test/fixtures: the recognizer alone, a live stream through the
// local server, and an uploaded file. The three must be equal. Usage: npm run accuracy [tiny|base]
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import {
  openEngine,
  serverService,
  startServer,
  toChunks,
  TranscriptCollector,
  transcribeChunks,
  transcribeFile,
  transcriptText,
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
const { countWordErrors } = await import(`data:text/javascript;base64,${code}`);

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

const ways = { alone, live, uploaded };
const sums = { words: 0, alone: 0, live: 0, uploaded: 0 };
console.log(`Moonshine ${model}: wrong words`);
console.log(`${"".padEnd(20)}words  alone  live  uploaded`);
for (const file of readdirSync(fixtures).filter((name) => name.endsWith(".wav"))) {
  const path = fileURLToPath(new URL(file, fixtures));
  const reference = readFileSync(path.replace(/wav$/u, "txt"), "utf8");
  const errors = {};
  for (const [way, hear] of Object.entries(ways)) {
    const counted = countWordErrors(reference, await hear(path));
    errors[way] = counted.errors;
    errors.words = counted.words;
  }
  for (const key of Object.keys(sums)) sums[key] += errors[key];
  print(file.slice(0, -4), errors);
}
print("all", sums);
const rate = (way) => `${((100 * sums[way]) / sums.words).toFixed(1)} %`;
console.log(
  `word error rate: ${rate("alone")} alone, ${rate("live")} live, ${rate("uploaded")} uploaded`,
);
await server.close();
await engine.close();
process.exitCode = sums.alone === sums.live && sums.live === sums.uploaded ? 0 : 1;

function print(name, row) {
  const cells = [row.words, row.alone, row.live, row.uploaded].map((n) => String(n).padStart(6));
  console.log(name.padEnd(19) + cells.join(""));
}
