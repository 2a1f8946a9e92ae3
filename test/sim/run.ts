/** One simulated session: the client's machine, a seeded network, the server's side, virtual time. */
import type { Outcome } from "../../src/stream/core/commands.ts";
import type { SessionEvent } from "../../src/stream/core/events.ts";
import {
  DEFAULT_MACHINE_OPTIONS,
  type MachineOptions,
} from "../../src/stream/core/machine-options.ts";
import { SessionMachine } from "../../src/stream/core/machine.ts";
import { SlabPool } from "../../src/stream/core/slab-pool.ts";
import { FaultPlan } from "./faults.ts";
import { Network } from "./network.ts";
import { Random } from "./random.ts";
import { Scheduler } from "./scheduler.ts";
import { randomManners, type ServerManners } from "./server.ts";
import type { Source } from "./source.ts";

export interface SimRun {
  readonly seed: number;
  readonly source: Source;
  readonly events: readonly SessionEvent[];
  readonly outcome: Outcome | undefined;
  readonly options: MachineOptions;
  readonly manners: ServerManners;
  readonly faults: number;
  /** The first audio of each connection that carried any. */
  readonly firstAudio: ReadonlyMap<number, Uint8Array>;
  /** Milliseconds from the end of the writing to the outcome. */
  readonly settleMs: number;
  readonly commandsAfterEnd: number;
  readonly longestRecoveryMs: number;
  readonly mostHeldBytes: number;
}

const pool = new SlabPool(4096);
/** A session that has not settled this much virtual time after its audio never will. */
const FOREVER_MS = 1_800_000;

export interface SimSettings {
  readonly options?: Partial<MachineOptions>;
  readonly manners?: Partial<ServerManners>;
  readonly faults?: FaultPlan;
  readonly isLive?: boolean;
  readonly hasClockJumps?: boolean;
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
  const simulation = new Simulation(seed, source, random, options, manners, settings, isLive);
  return simulation.run();
}

function randomOptions(random: Random, isLive: boolean): MachineOptions {
  return {
    ...DEFAULT_MACHINE_OPTIONS,
    level: soundLevel,
    target: { host: "sim", url: "ws://sim/" },
    pace: isLive ? 1 : random.pick([1, 1, 4, "max"] as const),
    chunkFrames: random.pick([800, 800, 1600, 3200]),
    replayFrames: random.pick([5, 8, 20, 60, 60]) * 16_000,
    traceFrames: random.chance(0.1) ? 0 : random.pick([16_000, 16_000, 48_000]),
    rotateAfterMs: random.chance(0.25) ? random.between(1500, 15_000) : Infinity,
    whenFull: isLive ? "drop" : "wait",
    endForm: random.pick(["checkpoint", "checkpoint", "trace", "both"] as const),
  };
}

/** Positive samples are sound, negative ones silence (source.ts). */
function soundLevel(bytes: Uint8Array): number {
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
  for (let index = 0; index < samples.length; index += 200) {
    if ((samples[index] ?? 0) > 0) return 5000;
  }
  return (samples.at(-1) ?? 0) > 0 ? 5000 : 0;
}

class Simulation {
  readonly #seed: number;
  readonly #source: Source;
  readonly #random: Random;
  readonly #options: MachineOptions;
  readonly #manners: ServerManners;
  readonly #scheduler = new Scheduler();
  readonly #machine: SessionMachine;
  readonly #network: Network;
  readonly #faults: FaultPlan;
  readonly #events: SessionEvent[] = [];
  readonly #isLive: boolean;
  #outcome: Outcome | undefined;
  #clockOffsetMs = 0;
  #alarmAt = Infinity;
  #written = 0;
  #isWaiting = false;
  #finishedAtMs = 0;
  #settledAtMs = 0;
  #afterEnd = 0;
  #lostAtMs: number | undefined;
  #longestRecoveryMs = 0;
  #mostHeldBytes = 0;

  constructor(
    seed: number,
    source: Source,
    random: Random,
    options: MachineOptions,
    manners: ServerManners,
    settings: SimSettings,
    isLive: boolean,
  ) {
    this.#seed = seed;
    this.#source = source;
    this.#random = random;
    this.#options = options;
    this.#manners = manners;
    this.#isLive = isLive;
    this.#machine = new SessionMachine(options, pool, () => random.next());
    this.#faults = settings.faults ?? new FaultPlan(random);
    this.#network = new Network(this.#scheduler, random, manners, this.#faults, source, {
      opened: (connection) => this.#feed((now) => this.#machine.handleOpen(now, connection)),
      refused: (connection, failure) =>
        this.#feed((now) => this.#machine.handleRefused(now, connection, failure, true)),
      text: (connection, text) =>
        this.#feed((now) => this.#machine.handleText(now, connection, text)),
      sign: (connection) => this.#feed((now) => this.#machine.handleSign(now, connection)),
      closed: (connection, code) =>
        this.#feed((now) => this.#machine.handleClosed(now, connection, code, "")),
    });
    if (settings.hasClockJumps ?? random.chance(0.05)) {
      const jumpMs = random.between(1000, 90_000);
      this.#scheduler.at(random.between(0, 30_000), () => {
        this.#clockOffsetMs += jumpMs;
        this.#feed((now) => this.#machine.handleTimeout(now));
      });
    }
  }

  run(): SimRun {
    this.#feed((now) => this.#machine.handleStart(now));
    this.#write();
    const foreverMs = this.#source.frames / 16 + FOREVER_MS;
    while (this.#outcome === undefined && this.#scheduler.step(foreverMs));
    const settledAt = this.#scheduler.now;
    // Whatever is still under way must find the session silent.
    while (this.#scheduler.step(settledAt + 60_000));
    return {
      seed: this.#seed,
      source: this.#source,
      events: this.#events,
      outcome: this.#outcome,
      options: this.#options,
      manners: this.#manners,
      faults: this.#faults.injected,
      firstAudio: this.#network.firstAudio,
      settleMs: this.#settledAtMs - this.#finishedAtMs,
      commandsAfterEnd: this.#afterEnd,
      longestRecoveryMs: this.#longestRecoveryMs,
      mostHeldBytes: this.#mostHeldBytes,
    };
  }

  get #now(): number {
    return this.#scheduler.now + this.#clockOffsetMs;
  }

  #write(): void {
    if (this.#outcome !== undefined) return;
    const bytes = new Uint8Array(this.#source.samples.buffer);
    this.#isWaiting = false;
    for (;;) {
      if (this.#written >= this.#source.frames * 2) {
        this.#finishedAtMs = this.#scheduler.now;
        this.#feed((now) => this.#machine.handleFinish(now));
        return;
      }
      const size = this.#isLive ? this.#random.pick([640, 1600, 3201]) : 6400;
      const from = this.#written % bytes.length;
      const piece = bytes.subarray(from, from + size);
      this.#written += piece.length;
      this.#feed((now) => this.#machine.handleWrite(now, piece));
      if (this.#isLive) {
        this.#scheduler.at(this.#written / 32, () => this.#write());
        return;
      }
      if (this.#outcome === undefined && !this.#machine.hasRoom()) {
        this.#isWaiting = true;
        return;
      }
    }
  }

  /** The driver's loop, as the real one has it. */
  #feed(input: (now: number) => void): void {
    input(this.#now);
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
          if (this.#isWaiting) this.#scheduler.after(0, () => this.#write());
          this.#isWaiting = false;
          break;
        case "settled":
          this.#outcome = command.outcome;
          this.#settledAtMs = this.#scheduler.now;
          break;
      }
    }
    this.#mostHeldBytes = Math.max(this.#mostHeldBytes, this.#machine.heldBytes);
    this.#arm();
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
    const at = this.#machine.nextTimeout(this.#now) - this.#clockOffsetMs;
    if (at >= this.#alarmAt || at === Infinity) return;
    this.#alarmAt = at;
    this.#scheduler.at(at, () => {
      if (this.#alarmAt !== at) return;
      this.#alarmAt = Infinity;
      this.#feed((now) => this.#machine.handleTimeout(now));
    });
  }
}
