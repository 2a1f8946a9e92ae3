/** One simulated session: the client's machine, a seeded network, the server's side, virtual time. */
import type { Outcome } from "../../src/stream/core/commands.ts";
import type { SessionEvent } from "../../src/stream/core/events.ts";
import type { MachineOptions } from "../../src/stream/core/machine-options.ts";
import { SessionMachine } from "../../src/stream/core/machine.ts";
import { SlabPool } from "../../src/stream/core/slab-pool.ts";
import { FaultPlan } from "./faults.ts";
import type { Stage } from "./hardships.ts";
import { Network } from "./network.ts";
import { CALM, randomOptions, randomTrouble, type Plan } from "./plan.ts";
import { Random } from "./random.ts";
import { Scheduler } from "./scheduler.ts";
import { MemorySpill } from "./memory-spill.ts";
import { Script } from "./script.ts";
import { randomManners, type ServerManners } from "./server.ts";
import type { Source } from "./source.ts";

export interface SimRun {
  readonly seed: number;
  readonly script: Script;
  readonly events: readonly SessionEvent[];
  /** How many events there were when the process died, each time. */
  readonly crashes: readonly number[];
  readonly outcome: Outcome | undefined;
  readonly options: MachineOptions;
  readonly manners: ServerManners;
  readonly faults: number;
  /** The first audio of each connection that carried any. */
  readonly firstAudio: ReadonlyMap<number, Uint8Array>;
  /** Milliseconds from the end of the writing to the outcome. */
  readonly settleMs: number;
  readonly commandsAfterEnd: number;
  /** Inputs of which the driver was told that no deadline came nearer, and one did. */
  readonly falseCalms: number;
  readonly longestRecoveryMs: number;
  readonly mostHeldBytes: number;
}

const pool = new SlabPool();
/** The sum of two clocks may be off by so much. */
const ROUNDING_MS = 0.01;
/** A session that has not settled this much virtual time after its audio never will. */
const FOREVER_MS = 1_800_000;

export interface SimSettings {
  readonly options?: Partial<MachineOptions>;
  readonly manners?: Partial<ServerManners>;
  readonly faults?: FaultPlan;
  readonly isLive?: boolean;
  readonly hasClockJumps?: boolean;
  /** Holes in the audio, a spill, and processes that die; as the seed says unless it is false. */
  readonly hasTrouble?: boolean;
  /** Whether the client's sockets can ping; default true. */
  readonly canPing?: boolean;
  /** Arranges what else happens. */
  readonly befall?: (stage: Stage) => void;
}

export function runSession(
  seed: number,
  sources: readonly Source[],
  settings: SimSettings = {},
): SimRun {
  const random = new Random(seed);
  const source = random.pick(sources);
  const isLive = settings.isLive ?? random.chance(0.5);
  const manners = { ...randomManners(random), ...settings.manners };
  const options = { ...randomOptions(random, isLive), ...settings.options };
  const trouble = settings.hasTrouble === false ? CALM : randomTrouble(random, source);
  const script = new Script(source, trouble.holes);
  const plan = { seed, script, options, manners, trouble, isLive };
  return new Simulation(plan, random, settings).run();
}

class Simulation {
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #scheduler = new Scheduler();
  readonly #spill: MemorySpill | undefined;
  #machine: SessionMachine;
  readonly #network: Network;
  readonly #faults: FaultPlan;
  readonly #events: SessionEvent[] = [];
  readonly #crashes: number[] = [];
  #isDead = false;
  /** Counts writers: the one of a process that died writes no more. */
  #writers = 0;
  #outcome: Outcome | undefined;
  #clockOffsetMs = 0;
  #alarmAt = Infinity;
  #written = 0;
  #isWaiting = false;
  #finishedAtMs = 0;
  #settledAtMs = 0;
  #afterEnd = 0;
  #falseCalms = 0;
  #lostAtMs: number | undefined;
  #longestRecoveryMs = 0;
  #mostHeldBytes = 0;

  constructor(plan: Plan, random: Random, settings: SimSettings) {
    const { manners, trouble } = plan;
    const { source } = plan.script;
    const { canPing = true } = settings;
    this.#plan = plan;
    this.#random = random;
    this.#spill = trouble.spillSlabs > 0 ? new MemorySpill(trouble.spillSlabs) : undefined;
    this.#machine = this.#begin();
    this.#faults = settings.faults ?? new FaultPlan(random);
    this.#network = new Network(this.#scheduler, random, manners, this.#faults, source, {
      opened: (connection) =>
        this.#feed((now) => this.#machine.handleOpen(now, connection, canPing)),
      refused: (connection, failure) =>
        this.#feed((now) => this.#machine.handleRefused(now, connection, failure, true)),
      text: (connection, text) =>
        this.#feed((now) => this.#machine.handleText(now, connection, text)),
      sign: (connection) => this.#feed((now) => this.#machine.handleSign(now, connection)),
      closed: (connection, code) =>
        this.#feed((now) => this.#machine.handleClosed(now, connection, code, "")),
    });
    settings.befall?.({
      scheduler: this.#scheduler,
      network: this.#network,
      act: (input) => {
        if (this.#outcome === undefined) this.#feed((now) => input(this.#machine, now));
      },
    });
    if (settings.hasClockJumps ?? random.chance(0.05)) {
      const jumpMs = random.between(1000, 90_000);
      this.#scheduler.at(random.between(0, 30_000), () => {
        this.#clockOffsetMs += jumpMs;
        this.#feed((now) => this.#machine.handleTimeout(now));
      });
    }
  }

  #begin(): SessionMachine {
    return new SessionMachine(this.#plan.options, pool, () => this.#random.next(), this.#spill);
  }

  run(): SimRun {
    const { seed, script, options, manners, trouble } = this.#plan;
    this.#scheduler.at(trouble.diskFailsAtMs, () => this.#spill?.fail());
    for (const atMs of trouble.crashesAtMs) this.#scheduler.at(atMs, () => this.#crash());
    this.#feed((now) => this.#machine.handleStart(now));
    this.#write(this.#writers);
    const foreverMs = script.frames / 16 + FOREVER_MS;
    while (this.#outcome === undefined && this.#scheduler.step(foreverMs));
    const settledAt = this.#scheduler.now;
    // Whatever is still under way must find the session silent.
    while (this.#scheduler.step(settledAt + 60_000));
    return {
      seed,
      script,
      events: this.#events,
      crashes: this.#crashes,
      outcome: this.#outcome,
      options,
      manners,
      faults: this.#faults.injected + this.#crashes.length,
      firstAudio: this.#network.firstAudio,
      settleMs: this.#settledAtMs - this.#finishedAtMs,
      commandsAfterEnd: this.#afterEnd,
      falseCalms: this.#falseCalms,
      longestRecoveryMs: this.#longestRecoveryMs,
      mostHeldBytes: this.#mostHeldBytes,
    };
  }

  get #now(): number {
    return this.#scheduler.now + this.#clockOffsetMs;
  }

  /** The process dies: all that is left is its spill. Some time later another one goes on. */
  #crash(): void {
    if (this.#outcome !== undefined || this.#isDead) return;
    this.#isDead = true;
    this.#writers += 1;
    this.#network.closeAll();
    this.#crashes.push(this.#events.length);
    this.#scheduler.after(this.#random.pick([10, 2000, 20_000]), () => {
      this.#isDead = false;
      this.#isWaiting = false;
      this.#spill?.reopen();
      this.#written = (this.#spill?.journal?.endFrame ?? 0) * 2;
      // Another process, another clock.
      this.#clockOffsetMs = this.#random.between(0, 1e6) - this.#scheduler.now;
      this.#alarmAt = Infinity;
      this.#machine = this.#begin();
      this.#feed((now) => this.#machine.handleStart(now));
      this.#write(this.#writers);
    });
  }

  #write(writer: number): void {
    const { script, isLive } = this.#plan;
    const bytes = new Uint8Array(script.source.samples.buffer);
    while (this.#outcome === undefined && writer === this.#writers) {
      this.#isWaiting = false;
      const size = isLive ? this.#random.pick([640, 1600, 3201]) : 6400;
      const step = script.next(this.#written, size);
      if (step === undefined) {
        this.#finishedAtMs = this.#scheduler.now;
        this.#feed((now) => this.#machine.handleFinish(now));
        return;
      }
      let dueMs = 0;
      if (step.kind === "skip") {
        this.#written += Math.min(step.frames, 16_000) * 2;
        this.#feed((now) => this.#machine.handleSkip(now, step.frames, step.reason));
      } else {
        const from = step.from % bytes.length;
        const piece = bytes.subarray(from, from + step.to - step.from);
        this.#written += piece.length;
        dueMs = script.mediaByte(step.from + piece.length) / 32;
        this.#feed((now) => this.#machine.handleWrite(now, piece));
      }
      if (isLive) {
        this.#scheduler.at(dueMs, () => this.#write(writer));
        return;
      }
      if (this.#outcome === undefined && !this.#machine.hasRoom()) {
        this.#isWaiting = true;
        return;
      }
    }
  }

  /** The driver's loop, as the real one has it. */
  #feed(input: (now: number) => unknown): void {
    if (this.#isDead) return;
    const isCalm = input(this.#now) === true;
    for (
      let command = this.#machine.poll();
      command !== undefined;
      command = this.#machine.poll()
    ) {
      if (this.#outcome !== undefined) this.#afterEnd += 1;
      switch (command.type) {
        case "dial":
          this.#network.dial(command.connection);
          break;
        case "audio":
          this.#network.audio(command.connection, command.bytes);
          break;
        case "text":
          this.#network.text(command.connection, command.text);
          break;
        case "ping":
          this.#network.ping(command.connection);
          break;
        case "close":
        case "drop":
          this.#network.close(command.connection);
          break;
        case "event":
          this.#note(command.event);
          break;
        case "room":
          if (this.#isWaiting) this.#wakeWriter(this.#writers);
          this.#isWaiting = false;
          break;
        case "settled":
          this.#outcome = command.outcome;
          this.#settledAtMs = this.#scheduler.now;
          break;
      }
    }
    this.#mostHeldBytes = Math.max(this.#mostHeldBytes, this.#machine.heldBytes);
    if (!isCalm) this.#arm();
    else if (this.#outcome === undefined) this.#checkCalm();
  }

  /** What a driver need not ask after must not bring a deadline nearer. */
  #checkCalm(): void {
    const at = this.#machine.nextTimeout(this.#now) - this.#clockOffsetMs;
    if (at < this.#alarmAt - ROUNDING_MS) this.#falseCalms += 1;
  }

  #wakeWriter(writer: number): void {
    this.#scheduler.after(0, () => this.#write(writer));
  }

  #note(event: SessionEvent): void {
    this.#events.push(event);
    if (event.type === "reconnecting") this.#lostAtMs ??= this.#scheduler.now;
    if (event.type === "reconnected" && this.#lostAtMs !== undefined) {
      const tookMs = this.#scheduler.now - this.#lostAtMs;
      this.#longestRecoveryMs = Math.max(this.#longestRecoveryMs, tookMs);
      this.#lostAtMs = undefined;
    }
  }

  #arm(): void {
    const deadline = this.#machine.nextTimeout(this.#now);
    const at = deadline - this.#clockOffsetMs;
    if (at >= this.#alarmAt || at === Infinity) return;
    this.#alarmAt = at;
    this.#scheduler.at(at, () => {
      if (this.#alarmAt !== at) return;
      this.#alarmAt = Infinity;
      // The sum of two clocks may be a rounding error short of it.
      this.#feed((now) => this.#machine.handleTimeout(Math.max(now, deadline)));
    });
  }
}
