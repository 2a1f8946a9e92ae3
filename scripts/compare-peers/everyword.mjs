// Everyword under the same drop: its real client and server, with a recognizer that only notes what
// it was given and calls the first second final.
import { openSession, serverService, startServer } from "../../dist/index.js";
import { startChaosProxy } from "../../dist/server/testing.js";
import { chunksIn } from "./audio.mjs";

export async function openEveryword() {
  const connections = [];
  const server = await startServer({ recognizer: noting(connections), drainMs: 0 });
  const proxy = await startChaosProxy({ target: server.url });
  const session = openSession({ service: serverService(proxy.url) });
  const finals = [];
  const told = (async () => {
    for await (const event of session) if (event.type === "final") finals.push(...event.words);
  })().catch(() => undefined);
  let isBroken = false;
  return {
    connections,
    finals,
    send: async (bytes) => {
      await session.write(bytes);
      if (isBroken || (connections[0]?.heard.size ?? 0) < 20) return;
      isBroken = true;
      connections[0].brokenAt = performance.now();
      proxy.breakAll("reset");
    },
    end: async () => {
      await session.finish();
      await told;
      await proxy.close();
      await server.close();
    },
  };
}

function noting(connections) {
  const models = [
    { id: "noting", languages: ["en"], tasks: ["transcribe"], streaming: true, wordTimes: true },
  ];
  return {
    models,
    load: () => ({ streams: 0, behindSeconds: 0 }),
    ready: async () => undefined,
    close: async () => undefined,
    openStream(_request, onUpdate) {
      const heard = new Set();
      connections.push({ heard, at: performance.now() });
      let frames = 0;
      let isTold = false;
      return {
        push(samples) {
          for (const n of chunksIn(samples)) heard.add(n);
          frames += samples.length;
          if (isTold || frames < 16_000) return;
          isTold = true;
          const words = [{ text: "first", startFrame: 1600, endFrame: 16_000 }];
          onUpdate({ index: 0, startFrame: 1600, endFrame: 16_000, words, final: true });
        },
        drain: async () => undefined,
        finish: async () => undefined,
        behindSeconds: () => 0,
        close: () => undefined,
      };
    },
  };
}
