import { EverywordError } from "../../errors.ts";
import { JobQueue } from "./core/job-queue.ts";
import type { PieceRequest, WorkerSetup, WordsReply } from "./messages.ts";
import { EngineProcess } from "./engine-process.ts";

/** A piece that killed this many processes is not tried again. */
const MOST_ATTEMPTS = 2;

interface Job {
  readonly stream: number;
  readonly final: boolean;
  /** What to do, asked for when a process is free; `undefined` = nothing any more. */
  readonly make: () => PieceRequest | undefined;
  attempts: number;
  readonly resolve: (reply: WordsReply | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** How processes are started: tests give them shorter bounds. */
export type ProcessStarter = (setup: WorkerSetup, onDeath: () => void) => EngineProcess;

interface Slot {
  readonly process: EngineProcess;
  ready: boolean;
  job: Job | undefined;
}

/**
 * Processes that do the same work behind one fair queue. The first starts at once, further ones when
 * all are busy, up to the stated number, because each holds its own copy of the weights. A process
 * that dies is replaced; its piece is tried once more elsewhere.
 */
export class WorkerPool {
  readonly #setup: WorkerSetup;
  readonly #most: number;
  readonly #onWork: (busyMs: number) => void;
  readonly #startProcess: ProcessStarter;
  readonly #queue = new JobQueue<Job>();
  readonly #slots: Slot[] = [];
  #closed = false;

  constructor(
    setup: WorkerSetup,
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

  /** Starts the first process and resolves when it can work. */
  async start(): Promise<void> {
    const slot = this.#slots[0] ?? this.#addSlot();
    await slot.process.ready();
  }

  /** Work on a piece that is complete. Never dropped; rejects when it cannot be done. */
  async runFinal(stream: number, request: PieceRequest): Promise<WordsReply> {
    const reply = await this.#submit(stream, true, () => request);
    if (reply !== undefined) return reply;
    throw new EverywordError("recognizer", "The stream was closed before its audio was decoded.");
  }

  /**
   * Work on a piece that still grows. One job of a stream waits at most: a newer takes its place.
   * @param make called when a process is free, so that what it decodes is never old; it may find
   * that there is nothing to do any more.
   * @returns `undefined` when nothing was done, be it that the process died.
   */
  runInterim(
    stream: number,
    make: () => PieceRequest | undefined,
  ): Promise<WordsReply | undefined> {
    return this.#submit(stream, false, make);
  }

  /** Drops what waits for a stream. */
  forget(stream: number): void {
    for (const job of this.#queue.forget(stream)) job.resolve(undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#slots.splice(0).map((slot) => slot.process.close()));
  }

  #submit(stream: number, final: boolean, make: Job["make"]): Promise<WordsReply | undefined> {
    return new Promise((resolve, reject) => {
      const job = { stream, final, make, attempts: 0, resolve, reject };
      if (final) this.#queue.addFinal(stream, job);
      else this.#queue.addInterim(stream, job)?.resolve(undefined);
      this.#dispatch();
    });
  }

  #dispatch(): void {
    if (this.#closed) return;
    for (const slot of this.#slots) {
      while (slot.ready && slot.job === undefined) {
        const job = this.#queue.next();
        if (job === undefined) return;
        const request = job.make();
        if (request === undefined) job.resolve(undefined);
        else void this.#run(slot, job, request);
      }
    }
    const loading = this.#slots.some((slot) => !slot.ready);
    if (this.#queue.size > 0 && !loading && this.#slots.length < this.#most) this.#addSlot();
  }

  async #run(slot: Slot, job: Job, request: PieceRequest): Promise<void> {
    slot.job = job;
    job.attempts += 1;
    this.#queue.charge(job.stream, request.samples.length);
    try {
      const reply = (await slot.process.call(request)) as WordsReply;
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
    if (!job.final) job.resolve(undefined);
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

  /** No process can load what it needs: whoever waits would wait for ever. */
  #failWaiting(error: unknown): void {
    if (this.#slots.some((slot) => slot.ready)) return;
    for (let job = this.#queue.next(); job !== undefined; job = this.#queue.next()) {
      job.reject(error);
    }
  }
}
