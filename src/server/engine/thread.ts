import { Worker } from "node:worker_threads";
import { EverywordError } from "../../errors.ts";
import type { ReplyEnvelope, WorkerReply, WorkerRequest, WorkerSetup } from "./messages.ts";

/** Loading weights takes seconds; a thread that is not ready after this long never will be. */
const LONGEST_START_MS = 120_000;

interface Waiting {
  readonly resolve: (reply: WorkerReply) => void;
  readonly reject: (error: EverywordError) => void;
}

/**
 * Where the compiled worker lies. From sources (tests) it is the one in `dist`, because Node 20
 * runs no TypeScript.
 */
export function workerUrl(moduleUrl: string = import.meta.url): URL {
  if (!moduleUrl.endsWith(".ts")) return new URL("./worker.js", moduleUrl);
  return new URL("../../../dist/server/engine/worker.js", moduleUrl);
}

/** A worker thread with requests and replies. When it dies, everything that waits for it fails. */
export class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready: Promise<void>;
  #nextId = 1;
  #death: EverywordError | undefined;
  readonly #onDeath: (error: EverywordError) => void;

  constructor(setup: WorkerSetup, onDeath: (error: EverywordError) => void) {
    this.#onDeath = onDeath;
    this.#worker = new Worker(workerUrl(), { workerData: setup, name: `everyword-${setup.role}` });
    const ready = new Promise<WorkerReply>((resolve, reject) => {
      this.#waiting.set(0, { resolve, reject });
    });
    this.#ready = ready.then(() => undefined);
    this.#ready.catch(() => undefined);
    const timer = setTimeout(() => {
      if (this.#waiting.has(0)) this.#die("did not start in time");
    }, LONGEST_START_MS);
    timer.unref();
    this.#worker.on("message", (envelope: ReplyEnvelope) => {
      if (envelope.id === 0) clearTimeout(timer);
      this.#settle(envelope);
    });
    this.#worker.on("error", (error: unknown) => {
      this.#die(error instanceof Error ? error.message : String(error));
    });
    this.#worker.on("exit", (code) => {
      clearTimeout(timer);
      this.#die(`exited with code ${code}`);
    });
  }

  /** Resolves when the worker has loaded; rejects when it cannot. */
  ready(): Promise<void> {
    return this.#ready;
  }

  call(request: WorkerRequest): Promise<WorkerReply> {
    if (this.#death !== undefined) return Promise.reject(this.#death);
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, request }, []);
    });
  }

  async close(): Promise<void> {
    this.#death ??= new EverywordError("recognizer", "The recognizer was closed; open a new one.");
    this.#failAll(this.#death);
    await this.#worker.terminate();
  }

  #settle(envelope: ReplyEnvelope): void {
    const waiting = this.#waiting.get(envelope.id);
    this.#waiting.delete(envelope.id);
    // An idle engine does not keep the process alive.
    if (this.#waiting.size === 0) this.#worker.unref();
    if (waiting === undefined) return;
    if ("reply" in envelope) waiting.resolve(envelope.reply);
    else waiting.reject(new EverywordError("recognizer", envelope.error));
  }

  #die(reason: string): void {
    if (this.#death !== undefined) return;
    this.#death = new EverywordError(
      "recognizer",
      `A thread of the local recognizer ${reason}; it is replaced, send the audio again.`,
    );
    this.#failAll(this.#death);
    void this.#worker.terminate();
    this.#onDeath(this.#death);
  }

  #failAll(error: EverywordError): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}
