/**
 * A server in a process of its own, to be killed. Arguments: data directory, log of runs, and
 * `hang` to never finish a file whose first word is "slow".
 */
import { appendFileSync } from "node:fs";
import { startServer } from "../../../src/server/server.ts";
import { createToneRecognizer } from "../../../src/server/tones.ts";
import type { Recognizer } from "../../../src/server/recognizer.ts";

const [dataDir = "", runs = "", mode = ""] = process.argv.slice(2);
const tones = createToneRecognizer();

const recognizer: Recognizer = {
  ...tones,
  openStream(options, onUpdate) {
    const words: string[] = [];
    const stream = tones.openStream(options, (segment) => {
      words.push(...segment.words.map((word) => word.text));
      onUpdate(segment);
    });
    return {
      push: (samples) => stream.push(samples),
      drain: () => stream.drain(),
      behindSeconds: () => stream.behindSeconds(),
      close: () => stream.close(),
      async finish() {
        await stream.finish();
        appendFileSync(runs, `${words.join(" ")}\n`);
        if (mode === "hang" && words[0] === "slow") await new Promise(() => {});
      },
    };
  },
};

const server = await startServer({ recognizer, dataDir, maxFiles: 1 });
process.stdout.write(`${server.url}\n`);
process.once("SIGTERM", () => void server.close());
