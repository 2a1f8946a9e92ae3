import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { EverywordError } from "../../errors.ts";
import type { ReplyEnvelope, WorkerReply, WorkerRequest, WorkerSetup } from "./messages.ts";

/** Loading weights takes seconds; a process that is not ready after this long never will be. */
const LONGEST_START_MS = 120_000;
/** Nor does a piece of 10 s take this long on any machine: the process hangs. */
const LONGEST_CALL_MS = 120_000;
/** What the native runtime last said, for the error when it dies. */
const MOST_STDERR_CHARACTERS = 2_000;

interface Waiting {
  readonly timer: NodeJS.Timeout;
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

/**
 * A worker with requests and replies. It is a process, not a thread, because the native runtime
 * ends its whole process on a damaged model; and because it writes to stderr what nobody asked for.
 * When it dies, everything that waits for it fails. It ends when its parent does.
 */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready: Promise<void>;
  readonly #longestCallMs: number;
  readonly #onDeath: (error: EverywordError) => void;
  #nextId = 1;
  #death: EverywordError | undefined;
  #lastWords = "";

  /** @param longestCallMs a reply that takes longer means that the worker hangs: it is ended. */
  constructor(
    setup: WorkerSetup,
    onDeath: (error: EverywordError) => void,
    longestCallMs = LONGEST_CALL_MS,
  ) {
    this.#onDeath = onDeath;
    this.#longestCallMs = longestCallMs;
    this.#child = fork(fileURLToPath(workerUrl()), [], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: [],
    });
    const ready = new Promise<WorkerReply>((resolve, reject) => {
      this.#wait(0, LONGEST_START_MS, resolve, reject);
    });
    this.#ready = ready.then(() => undefined);
    this.#ready.catch(() => undefined);
    this.#listen();
    this.#child.send(setup, noteNothing);
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
      this.#wait(id, this.#longestCallMs, resolve, reject);
      this.#hold(true);
      this.#child.send({ id, request }, noteNothing);
    });
  }

  async close(): Promise<void> {
    this.#death ??= new EverywordError("recognizer", "The recognizer was closed; open a new one.");
    this.#failAll(this.#death);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    // Who waits for the end must not be ended by an empty event loop first.
    this.#hold(true);
    const exited = new Promise<void>((resolve) => {
      this.#child.once("exit", () => {
        resolve();
      });
    });
    this.#child.kill("SIGKILL");
    await exited;
  }

  #listen(): void {
    const { stderr } = this.#child;
    stderr?.setEncoding("utf8");
    stderr?.on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-MOST_STDERR_CHARACTERS);
    });
    this.#child.on("message", (envelope: ReplyEnvelope) => {
      this.#settle(envelope);
    });
    this.#child.on("error", (error) => {
      this.#die(`could not run (${error.message})`);
    });
    this.#child.on("close", (code, signal) => {
      this.#die(`ended with ${signal ?? `code ${code}`}${this.#complaint()}`);
    });
  }

  /** The runtime's last complaint: lines look like `/path/file.cc:Function:12 what is wrong`. */
  #complaint(): string {
    const complaints = this.#lastWords
      .split("\n")
      .flatMap((line) => /^\S+:\w+:\d+ (?<what>.*)$/u.exec(line)?.groups?.["what"] ?? []);
    return complaints.length === 0 ? "" : ` (${complaints.join("; ").slice(0, 300)})`;
  }

  /** An idle engine does not keep the process alive. */
  #hold(busy: boolean): void {
    const { channel, stderr } = this.#child;
    const pipe = stderr as unknown as { ref?(): void; unref?(): void } | null;
    if (busy) {
      this.#child.ref();
      channel?.ref();
      pipe?.ref?.();
    } else {
      this.#child.unref();
      channel?.unref();
      pipe?.unref?.();
    }
  }

  #wait(
    id: number,
    longestMs: number,
    resolve: (reply: WorkerReply) => void,
    reject: (error: EverywordError) => void,
  ): void {
    const timer = setTimeout(() => {
      this.#die(`did not answer within ${longestMs} ms`);
    }, longestMs);
    timer.unref();
    this.#waiting.set(id, { timer, resolve, reject });
  }

  #settle(envelope: ReplyEnvelope): void {
    const waiting = this.#waiting.get(envelope.id);
    this.#waiting.delete(envelope.id);
    if (this.#waiting.size === 0 && this.#death === undefined) this.#hold(false);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    if ("reply" in envelope) waiting.resolve(envelope.reply);
    else waiting.reject(new EverywordError("recognizer", envelope.error));
  }

  #die(reason: string): void {
    if (this.#death !== undefined) return;
    this.#death = new EverywordError(
      "recognizer",
      `A worker of the local recognizer ${reason}; check the model, or send the audio again.`,
    );
    this.#failAll(this.#death);
    this.#child.kill("SIGKILL");
    this.#onDeath(this.#death);
  }

  #failAll(error: EverywordError): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { timer, reject } of waiting) {
      clearTimeout(timer);
      reject(error);
    }
  }
}

/** A message that cannot be sent is noticed by the end of the process. */
function noteNothing(): void {}
