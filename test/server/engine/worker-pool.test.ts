import { availableParallelism } from "node:os";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { WorkerPool, type ProcessStarter } from "../../../src/server/engine/worker-pool.ts";
import type { DecodeRequest, DecoderSetup } from "../../../src/server/engine/messages.ts";
import { EngineProcess } from "../../../src/server/engine/engine-process.ts";
import { pullModel } from "../../../src/server/engine/weights.ts";
import { readRecording } from "./recording.ts";

let setup: DecoderSetup;
let pool: WorkerPool;
const { samples } = readRecording("card-one");
const request: DecodeRequest = { kind: "decode", samples, audioFrame: 0 };

beforeAll(async () => {
  const files = await pullModel("tiny");
  const moonshine = { encoder: files.encoder, mergedDecoder: files.decoder };
  const modelConfig = { moonshine, tokens: files.tokens, numThreads: 1, debug: 0 };
  setup = { role: "decoder", recognizer: { modelConfig } };
}, 300_000);

afterEach(async () => {
  await pool.close();
});

/** Real processes, of which the first `hanging` are taken for hung as soon as they get work. */
function startHanging(hanging: number): { start: ProcessStarter; started: () => number } {
  let started = 0;
  const start: ProcessStarter = (...args) => {
    started += 1;
    return new EngineProcess(...args, started <= hanging ? 1 : undefined);
  };
  return { start, started: () => started };
}

async function textOf(decoding: ReturnType<WorkerPool["runFinal"]>): Promise<string> {
  return (await decoding).words.map(({ text }) => text).join(" ");
}

describe("WorkerPool", { timeout: 180_000 }, () => {
  it("replaces a process that hangs and decodes its piece on the next", async () => {
    const { start, started } = startHanging(1);
    pool = new WorkerPool(setup, 1, () => undefined, start);
    expect(await textOf(pool.runFinal(1, request))).toMatch(/^Ten of/u);
    expect(started()).toBe(2);
  });

  it("gives up on a piece that took two processes down, and serves the other streams", async () => {
    const { start } = startHanging(2);
    pool = new WorkerPool(setup, 1, () => undefined, start);
    const poisoned = pool.runFinal(1, request);
    await expect(poisoned).rejects.toMatchObject({ name: "EverywordError", code: "recognizer" });
    expect(await textOf(pool.runFinal(2, request))).toMatch(/^Ten of/u);
  });

  it("tells whoever waits when the weights cannot be loaded", async () => {
    const modelConfig = { moonshine: { encoder: "nowhere.onnx" }, tokens: "nowhere.txt" };
    pool = new WorkerPool({ ...setup, recognizer: { modelConfig } }, 1, () => undefined);
    await expect(pool.runFinal(1, request)).rejects.toMatchObject({ code: "recognizer" });
  });

  it("starts no more processes than it is given", async () => {
    const { start, started } = startHanging(0);
    const most = Math.min(2, availableParallelism());
    pool = new WorkerPool(setup, most, () => undefined, start);
    const decodes = Array.from({ length: 6 }, (_, stream) =>
      textOf(pool.runFinal(stream, request)),
    );
    const texts = new Set(await Promise.all(decodes));
    expect([texts.size, started() <= most]).toEqual([1, true]);
  });

  it("asks what an interim is when a process is free, and does without when there is none", async () => {
    pool = new WorkerPool(setup, 1, () => undefined);
    await pool.start();
    let asked = 0;
    const first = pool.runFinal(1, request);
    const interim = pool.runInterim(2, () => {
      asked += 1;
      return undefined;
    });
    const askedAtOnce = asked;
    await first;
    expect([askedAtOnce, await interim, asked]).toEqual([0, undefined, 1]);
  });

  it("keeps only the newest interim of a stream while the process is busy", async () => {
    pool = new WorkerPool(setup, 1, () => undefined);
    await pool.start();
    const interims = Array.from({ length: 5 }, () => pool.runInterim(1, () => request));
    const replies = await Promise.all(interims);
    expect(replies.map((reply) => reply !== undefined)).toEqual([true, false, false, false, true]);
  });
});
