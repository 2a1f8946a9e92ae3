/** Decodes with FFmpeg as WebAssembly (`@ffmpeg/core`, GPL), in a worker; needs nothing installed. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { messageOf } from "../errors.ts";
import { type DecoderFacts, NO_FACTS } from "./core/ffmpeg-log.ts";
import { type Decoder, DecoderFailure, type DecoderInput, type Decoding } from "./decoder.ts";
import { type FromWorker, MOST_UNREAD, STATE, type WorkerInput } from "./wasm-link.ts";

/** The host's WebAssembly, as far as it is used. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

/** Compiled once per process, shared by all workers. An instance is used for one file only. */
let compiled: Promise<object> | undefined;

/** The decoder, or undefined when the optional package is not installed. */
export function wasmDecoder(): Decoder | undefined {
  const require = createRequire(import.meta.url);
  try {
    const script = require.resolve("@ffmpeg/core").replace(/\bumd\b/, "esm");
    const binary = require.resolve("@ffmpeg/core/wasm");
    return { name: "wasm", start: (input, track) => start(script, binary, input, track) };
  } catch {
    return undefined;
  }
}

/** Workers are started by Node itself, which reads no TypeScript: from source, the built one is used. */
function workerUrl(): URL {
  const fromSource = import.meta.url.endsWith(".ts");
  return new URL(
    fromSource ? "../../dist/resample/wasm-worker.js" : "./wasm-worker.js",
    import.meta.url,
  );
}

function start(script: string, binary: string, input: DecoderInput, track: number): Decoding {
  const stopping = new AbortController();
  let facts = NO_FACTS;
  const learn = (news: DecoderFacts): void => {
    facts = news;
  };
  return {
    output: run({ script, binary, input, track, learn, stopped: stopping.signal }),
    facts: () => facts,
    stop: () => {
      stopping.abort();
    },
  };
}

interface Work {
  readonly script: string;
  readonly binary: string;
  readonly input: DecoderInput;
  readonly track: number;
  readonly learn: (facts: DecoderFacts) => void;
  readonly stopped: AbortSignal;
}

async function* run(work: Work): AsyncGenerator<Uint8Array, void> {
  const { script, binary, input, track, learn, stopped } = work;
  compiled ??= readFile(binary).then((bytes) => WebAssembly.compile(bytes));
  const module = await compiled;
  if (stopped.aborted) return;
  const state = new Int32Array(new SharedArrayBuffer(8));
  state[STATE.credit] = MOST_UNREAD;
  const workerInput: WorkerInput = {
    script: pathToFileURL(script).href,
    module,
    state,
    track,
    path: "path" in input ? input.path : undefined,
  };
  const worker = new Worker(workerUrl(), { workerData: workerInput, stderr: true, stdout: true });
  const inbox = new Inbox(worker);
  const stop = (): void => {
    inbox.end();
  };
  stopped.addEventListener("abort", stop);
  const blocks = "blocks" in input ? input.blocks[Symbol.asyncIterator]() : undefined;
  try {
    for (;;) {
      const message = await inbox.next();
      if (message === undefined) return;
      if (message.kind === "facts") learn(message.facts);
      else if (message.kind === "want") {
        const next = await blocks?.next();
        const bytes = next === undefined || next.done === true ? undefined : next.value.slice();
        worker.postMessage(bytes, []);
        Atomics.add(state, STATE.fed, 1);
        Atomics.notify(state, STATE.fed);
      } else if (message.kind === "failed") throw new DecoderFailure(message.text);
      else if (message.kind === "audio") {
        yield message.bytes;
        Atomics.add(state, STATE.credit, 1);
        Atomics.notify(state, STATE.credit);
      } else return;
    }
  } finally {
    stopped.removeEventListener("abort", stop);
    void blocks?.return?.();
    await worker.terminate();
  }
}

/**
 * Messages of a worker in order, awaited one at a time. Its length is bounded by the worker: at
 * most {@link MOST_UNREAD} blocks of audio, each after at most one message of facts.
 */
class Inbox {
  readonly #waiting: FromWorker[] = [];
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(worker: Worker) {
    worker.on("message", (message: FromWorker) => {
      this.#waiting.push(message);
      this.#wake?.();
    });
    worker.on("error", (error) => {
      this.#failure = new DecoderFailure(messageOf(error), { cause: error });
      this.end();
    });
    worker.on("exit", () => {
      this.end();
    });
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The next message; undefined when there is none left and none will come. */
  async next(): Promise<FromWorker | undefined> {
    while (this.#waiting.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const message = this.#waiting.shift();
    if (message === undefined && this.#failure !== undefined) throw this.#failure;
    return message;
  }
}
