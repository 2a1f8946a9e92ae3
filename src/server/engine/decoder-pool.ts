import { EverywordError } from "../../errors.ts";
import { JobQueue } from "./core/job-queue.ts";
import type { DecodeReply, DecodeRequest, DecoderSetup } from "./messages.ts";
import { EngineProcess } from "./engine-process.ts";

/** A piece that killed this many processes is not tried again. */
const MOST_ATTEMPTS = 2;

interface Job {
  readonly stream: number;
  readonly request: DecodeRequest;
  attempts: number;
  readonly resolve: (reply: DecodeReply | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** How processes are started: tests give them shorter bounds. */
export type ProcessStarter = (setup: DecoderSetup, onDeath: () => void) => EngineProcess;

interface Slot {
  readonly process: EngineProcess;
  ready: boolean;
  job: Job | undefined;
}

/**
 * Decoding processes behind one fair queue. The first starts at once, further ones when all are busy,
 * up to the stated number, because each holds its own copy of the weights. A process that dies is
 * replaced; its piece is tried once more elsewhere.
 */
export class DecoderPool {
  readonly #setup: DecoderSetup;
  readonly #most: number;
  readonly #onWork: (busyMs: number) => void;
  readonly #startProcess: ProcessStarter;
  readonly #queue = new JobQueue<Job>();
  readonly #slots: Slot[] = [];
  #closed = false;

  constructor(
    setup: DecoderSetup,
    processes: number,
    onWork: (busyMs: number) => void,
    startProcess: ProcessStarter = (...args) => new EngineProcess(...args),
  ) {
    this.#setup = setup;
    this.#startProcess = startProcess;
    this.#most = processes;
    this.#onWork = onWork;
  }

  /** Jobs that wait for a process. */
  get queued(): number {
    return this.#queue.size;
  }

  /** Starts the first process and resolves when it can decode. */
  async start(): Promise<void> {
    const slot = this.#slots[0] ?? this.#addSlot();
    await slot.process.ready();
  }

  /** Decodes a piece that is complete. Never dropped; rejects when it cannot be decoded. */
  async decodeFinal(stream: number, request: DecodeRequest): Promise<DecodeReply> {
    const dropped = this.#queue.dropInterim(stream);
    dropped?.resolve(undefined);
    const reply = await this.#submit(stream, request, (job) => {
      this.#queue.addFinal(stream, job);
    });
    if (reply !== undefined) return reply;
    throw new EverywordError("recognizer", "The stream was closed before its audio was decoded.");
  }

  /** Decodes a piece that still grows; `undefined` when newer audio took its place. */
  decodeInterim(stream: number, request: DecodeRequest): Promise<DecodeReply | undefined> {
    return this.#submit(stream, request, (job) => {
      this.#queue.addInterim(stream, job)?.resolve(undefined);
    });
  }

  /** Drops what waits for a stream. */
  forget(stream: number): void {
    for (const job of this.#queue.forget(stream)) job.resolve(undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#slots.splice(0).map((slot) => slot.process.close()));
  }

  #submit(
    stream: number,
    request: DecodeRequest,
    enqueue: (job: Job) => void,
  ): Promise<DecodeReply | undefined> {
    return new Promise((resolve, reject) => {
      enqueue({ stream, request, attempts: 0, resolve, reject });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    if (this.#closed) return;
    for (const slot of this.#slots) {
      if (!slot.ready || slot.job !== undefined) continue;
      const job = this.#queue.next();
      if (job === undefined) return;
      void this.#run(slot, job);
    }
    const loading = this.#slots.some((slot) => !slot.ready);
    if (this.#queue.size > 0 && !loading && this.#slots.length < this.#most) this.#addSlot();
  }

  async #run(slot: Slot, job: Job): Promise<void> {
    slot.job = job;
    job.attempts += 1;
    this.#queue.charge(job.stream, job.request.samples.length);
    try {
      const reply = (await slot.process.call(job.request)) as DecodeReply;
      this.#onWork(reply.busyMs);
      job.resolve(reply);
    } catch (error) {
      this.#retry(slot, job, error);
    }
    slot.job = undefined;
    this.#dispatch();
  }

  #retry(slot: Slot, job: Job, error: unknown): void {
    const processDied = !this.#slots.includes(slot);
    if (!job.request.final) job.resolve(undefined);
    else if (processDied && !this.#closed && job.attempts < MOST_ATTEMPTS) {
      this.#queue.returnFinal(job.stream, job);
    } else job.reject(error);
  }

  #addSlot(): Slot {
    const child = this.#startProcess(this.#setup, () => {
      const at = this.#slots.indexOf(slot);
      if (at >= 0) this.#slots.splice(at, 1);
    });
    const slot: Slot = { process: child, ready: false, job: undefined };
    this.#slots.push(slot);
    void this.#awaitReady(slot);
    return slot;
  }

  async #awaitReady(slot: Slot): Promise<void> {
    try {
      await slot.process.ready();
      slot.ready = true;
      this.#dispatch();
    } catch (error) {
      const at = this.#slots.indexOf(slot);
      if (at >= 0) this.#slots.splice(at, 1);
      this.#failWaiting(error);
    }
  }

  /** No process can load the weights: whoever waits would wait for ever. */
  #failWaiting(error: unknown): void {
    if (this.#slots.some((slot) => slot.ready)) return;
    for (let job = this.#queue.next(); job !== undefined; job = this.#queue.next()) {
      job.reject(error);
    }
  }
}
