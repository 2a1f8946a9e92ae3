// Records what the local recognizer says about a recording while it is played, as lines for
// test/fixtures/hypotheses: each event with the milliseconds since the first audio.
// Usage: node scripts/record-hypotheses.mjs FILE.wav [tiny|base] > test/fixtures/hypotheses/NAME.jsonl
import { openService, toChunks, transcribeChunks } from "../dist/index.js";

const [path, localModel] = process.argv.slice(2);
if (path === undefined) throw new Error("Name a recording.");
const CHUNK_MS = 50;

const opened = await openService({ env: {}, localModel });
let started;
/** As a microphone would give it: each chunk when it is over. */
async function* played() {
  let dueMs = 0;
  for await (const chunk of toChunks(path, { chunkMs: CHUNK_MS })) {
    started ??= performance.now();
    dueMs += CHUNK_MS;
    const early = started + dueMs - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    yield chunk;
  }
}
try {
  for await (const event of transcribeChunks(played(), { service: opened.service })) {
    if (event.type !== "interim" && event.type !== "final") continue;
    const words = event.words.map(({ text, start, end }) => ({ text, start, end }));
    const { type, segment } = event;
    const atMs = Math.round(performance.now() - started);
    process.stdout.write(`${JSON.stringify({ atMs, type, segment, words })}\n`);
  }
} finally {
  await opened.close();
}
