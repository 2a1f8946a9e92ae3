// Makes the recordings in test/fixtures from two Debian packages: pocketsphinx-testdata and
// asterisk-core-sounds-en-wav. They are committed; this script says exactly how they came about.
// Usage: node scripts/make-fixtures.mjs
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const { WaveFile } = createRequire(import.meta.url)("wavefile");

const SPHINX = "/usr/share/pocketsphinx/test/data";
const PROMPTS = "/usr/share/asterisk/sounds/en_US_f_Allison";
const out = new URL("../test/fixtures/", import.meta.url);

const samplesOf = (path) => {
  const wav = new WaveFile(readFileSync(path));
  return wav.getSamples(false, Int16Array);
};

// Five sentences of one LibriVox reading, 0.4 s of silence between them: the demo.
const parts = ["0870", "0880", "0890", "0920", "0930"].map((n) =>
  samplesOf(`${SPHINX}/librivox/sense_and_sensibility_01_austen_64kb-${n}.wav`),
);
const pause = new Int16Array(0.4 * 16_000);
const joined = parts.flatMap((part, i) => (i === 0 ? [part] : [pause, part]));
const all = new Int16Array(joined.reduce((sum, part) => sum + part.length, 0));
let at = 0;
for (const part of joined) {
  all.set(part, at);
  at += part.length;
}
const reading = new WaveFile();
reading.fromScratch(1, 16_000, "16", all);
writeFileSync(new URL("reading.wav", out), reading.toBuffer());

for (const [name, path] of Object.entries({
  "reading-short": `${SPHINX}/librivox/sense_and_sensibility_01_austen_64kb-0880.wav`,
  "card-one": `${SPHINX}/cards/001.wav`,
  "card-two": `${SPHINX}/cards/002.wav`,
  "card-three": `${SPHINX}/cards/005.wav`,
  "prompt-password": `${PROMPTS}/agent-pass.wav`,
  "prompt-voicemail": `${PROMPTS}/vm-intro.wav`,
  "prompt-echotest": `${PROMPTS}/demo-echotest.wav`,
})) {
  copyFileSync(path, new URL(`${name}.wav`, out));
}
