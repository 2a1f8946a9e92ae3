import { createContext, runInContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { once } from "node:events";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { PcmPipeline } from "../../../src/resample/core/pipeline.ts";
import { join } from "../signals.ts";

const FORMAT = { encoding: "s16le", rate: 44_100, channels: 2 } as const;
const BYTES = Uint8Array.from({ length: 44_100 }, (_, i) => (i * 2_654_435_761) >>> 24);

/** The same work in any realm, as a script that leaves its output in `result`. */
const WORK = `
  var pipeline = new core.PcmPipeline(${JSON.stringify(FORMAT)});
  var bytes = Uint8Array.from({ length: ${BYTES.length} }, (_, i) => (i * 2654435761) >>> 24);
  var result = [];
  for (const [chunk] of pipeline.push(bytes)) result.push(...chunk);
  for (const [chunk] of pipeline.flush()) result.push(...chunk);`;

let script: string;
beforeAll(async () => {
  const entry = new URL("../../../src/resample/core/pipeline.ts", import.meta.url).pathname;
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "core",
    platform: "neutral",
  });
  script = outputFiles[0]?.text ?? "";
});

function expected(): number[] {
  const pipeline = new PcmPipeline(FORMAT);
  return [...join([...pipeline.push(BYTES), ...pipeline.flush()].flat())];
}

describe("the core", () => {
  it.each([
    ["with WebAssembly", { atob }],
    ["without WebAssembly", { WebAssembly: undefined }],
  ])("gives the same bytes in a realm that has none of Node's globals, %s", (_, globals) => {
    const realm = createContext({ ...globals });
    runInContext(`${script}\n${WORK}`, realm);
    expect(runInContext("typeof process + typeof Buffer + typeof require", realm)).toBe(
      "undefinedundefinedundefined",
    );
    expect([...(realm["result"] as number[])]).toEqual(expected());
  });

  it("gives the same bytes in a worker", async () => {
    const source = `${script}\n${WORK}\nrequire("node:worker_threads").parentPort.postMessage(result, []);`;
    const worker = new Worker(source, { eval: true });
    const [result] = (await once(worker, "message")) as [number[]];
    expect(result).toEqual(expected());
  });
});
