import type { EventEmitter } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it, vi } from "vitest";
import { serverService } from "../../src/service.ts";
import {
  CALL,
  type PlainOptions,
  type PoolCall,
  type PoolReports,
} from "../../src/stream/pool-messages.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** The other thread is this one: nothing is cloned, so that what is kept can be seen. */
const { port } = vi.hoisted(() => ({ port: { emitter: undefined as EventEmitter | undefined } }));

vi.mock("node:worker_threads", async () => {
  const { EventEmitter: Emitter } = await import("node:events");
  const emitter = new Emitter();
  port.emitter = emitter;
  const parentPort = Object.assign(emitter, {
    postMessage: ({ reports }: PoolReports) => {
      for (const [, report] of reports) emitter.emit("report", report.type);
    },
  });
  return { parentPort, workerData: { parts: 1 } };
});

function tell(call: PoolCall): void {
  port.emitter?.emit("message", { steps: [1, CALL], calls: [call], audio: new Uint8Array(0) });
}

function heard(type: string): Promise<void> {
  return new Promise((resolve) => {
    const onReport = (reported: string): void => {
      if (reported !== type) return;
      port.emitter?.off("report", onReport);
      resolve();
    };
    port.emitter?.on("report", onReport);
  });
}

/** Opens a session that asks for its key. @returns what only the session holds. */
function openAsking(): WeakRef<object> {
  const service = serverService("http://127.0.0.1:1");
  const streaming = { ...service.streaming };
  const options: PlainOptions = {
    service: { ...service, apiKey: undefined, streaming },
    asksForKey: true,
  };
  tell({ type: "open", options });
  return new WeakRef(streaming);
}

it("keeps nothing of a session that was aborted while its key was asked for", async () => {
  vi.useFakeTimers();
  await import("../../src/stream/pool-worker.ts");
  const asked = heard("ask-key");
  const held = openAsking();
  await vi.advanceTimersByTimeAsync(100);
  await asked;
  const settled = heard("settled");
  tell({ type: "abort" });
  await vi.advanceTimersByTimeAsync(100);
  await settled;
  // The timer wheel lets go of an alarm that was cancelled when its time has come.
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  // A reference that was looked at is kept until the end of the turn.
  await new Promise((resolve) => setTimeout(resolve));
  collect();
  expect(held.deref()).toBeUndefined();
});
