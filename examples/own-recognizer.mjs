// Your own recognizer behind the port: the server then speaks the whole protocol for it. This one
// hears loud and quiet and writes a word for every stretch of each; yours calls your model.
import { serverService, startServer, toChunks, transcribeChunks } from "everyword";

function openStream(_options, onUpdate) {
  const words = [];
  let at = 0;
  const tell = (final) =>
    onUpdate({ index: 0, startFrame: 0, endFrame: at, words: [...words], final });
  return {
    push(samples) {
      const text = samples.some((sample) => Math.abs(sample) > 3000) ? "loud" : "quiet";
      const last = words.at(-1);
      if (last?.text !== text) words.push({ text, startFrame: at, endFrame: at });
      at += samples.length;
      words.at(-1).endFrame = at;
      tell(false);
    },
    drain: async () => {},
    finish: async () => tell(true),
    behindSeconds: () => 0,
    close() {},
  };
}
const traits = { languages: ["en"], tasks: ["transcribe"], streaming: true, wordTimes: true };
const recognizer = {
  models: [{ id: "loudness", ...traits }],
  openStream,
  load: () => ({ queued: 0, behindSeconds: 0, realTimeFactor: 0 }),
  ready: async () => {},
  close: async () => {},
};
const server = await startServer({ recognizer });
const options = { service: serverService(server.url), pace: "max" };
for await (const event of transcribeChunks(toChunks("test/fixtures/card-one.wav"), options)) {
  if (event.type !== "final") continue;
  for (const { start, end, text } of event.words) console.log(`${start} to ${end} s: ${text}`);
}
await server.close();
