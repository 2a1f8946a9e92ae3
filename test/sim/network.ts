/** A seeded network between one session and servers that come and go with its connections. */
import type { DialFailure } from "../../src/stream/core/failure.ts";
import type { ConnectionPlan, FaultPlan } from "./faults.ts";
import { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";
import { ServerSide, type ServerManners } from "./server.ts";
import type { Source } from "./source.ts";

/** What reaches the client. */
export interface ClientEnd {
  opened(connection: number): void;
  refused(connection: number, failure: DialFailure): void;
  text(connection: number, text: string): void;
  sign(connection: number): void;
  closed(connection: number, code: number): void;
}

/** A server that is not there. */
const DOWN = { kind: "network" } as const;

interface Wire {
  readonly number: number;
  readonly plan: ConnectionPlan;
  readonly server: ServerSide;
  /** The handshake is done. */
  isOpen: boolean;
  /** The client has let go. */
  isClosed: boolean;
  /** What the client sends is lost. */
  isDeaf: boolean;
  /** What the server sends is lost. */
  isMute: boolean;
  /** The server's program stands still; its socket layer does not. */
  isFrozen: boolean;
  /** The next delivery is not before this. */
  lastToClientMs: number;
  lastToServerMs: number;
  held: string | undefined;
  /** What waits for the server's program to go on. */
  readonly waiting: (() => void)[];
  delivered: number;
}

export class Network {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #manners: ServerManners;
  readonly #faults: FaultPlan;
  readonly #source: Source;
  readonly #client: ClientEnd;
  readonly #wires = new Map<number, Wire>();
  readonly #firstAudio = new Map<number, Uint8Array>();
  #isDownUntilMs = 0;

  constructor(
    scheduler: Scheduler,
    random: Random,
    manners: ServerManners,
    faults: FaultPlan,
    source: Source,
    client: ClientEnd,
  ) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#manners = manners;
    this.#faults = faults;
    this.#source = source;
    this.#client = client;
  }

  dial(number: number): void {
    const planned = this.#faults.next();
    const isDown = this.#scheduler.now < this.#isDownUntilMs;
    const plan = isDown ? { ...planned, dial: DOWN } : planned;
    const wire = this.#wire(number, plan);
    this.#wires.set(number, wire);
    const { dial } = plan;
    if (dial.kind === "hang") return;
    const delayMs = dial.kind === "open" ? dial.afterMs : 30;
    this.#scheduler.after(delayMs, () => {
      if (wire.isClosed) return;
      if (dial.kind === "open") {
        wire.isOpen = true;
        this.#client.opened(number);
        this.#scheduleEnd(wire);
      } else {
        wire.isClosed = true;
        this.#client.refused(number, refusal(dial));
      }
    });
  }

  audio(number: number, bytes: Uint8Array): void {
    const copy = bytes.slice();
    if (!this.#firstAudio.has(number)) this.#firstAudio.set(number, copy);
    this.#toServer(number, (wire) => {
      this.#serve(wire, () => {
        wire.server.hearAudio(copy);
      });
    });
  }

  text(number: number, text: string): void {
    this.#toServer(number, (wire) => {
      this.#serve(wire, () => {
        const isEnd = text.includes('"final"');
        if (isEnd && wire.plan.life?.kind === "end-lost") this.#cut(wire, 1006);
        else wire.server.hearText(text);
      });
    });
  }

  /** A program that stands still for good forgets what comes; one that goes on does not. */
  #serve(wire: Wire, run: () => void): void {
    if (!wire.isFrozen) run();
    else if (wire.plan.life?.kind === "thaw") wire.waiting.push(run);
  }

  #thaw(wire: Wire): void {
    wire.isFrozen = false;
    for (const run of wire.waiting.splice(0)) if (!wire.isClosed) run();
  }

  /** The connection that was dialed last. */
  get newest(): number {
    return Math.max(0, ...this.#wires.keys());
  }

  /** For a while nothing passes, in either direction; then all of it does. */
  lag(forMs: number): void {
    const untilMs = this.#scheduler.now + forMs;
    for (const wire of this.#wires.values()) {
      wire.lastToClientMs = Math.max(wire.lastToClientMs, untilMs);
      wire.lastToServerMs = Math.max(wire.lastToServerMs, untilMs);
    }
  }

  /** The server ends all connections, and for a while takes no new one. */
  restart(code: number, downMs: number): void {
    this.#isDownUntilMs = this.#scheduler.now + downMs;
    for (const wire of this.#wires.values()) if (wire.isOpen) this.#cut(wire, code);
  }

  ping(number: number): void {
    this.#toServer(number, (wire) => {
      if (!this.#manners.answersPings) return;
      this.#toClient(wire, () => this.#client.sign(number));
    });
  }

  close(number: number): void {
    const wire = this.#wires.get(number);
    if (wire !== undefined) wire.isClosed = true;
  }

  /** The client is gone, with all its sockets. */
  closeAll(): void {
    for (const wire of this.#wires.values()) wire.isClosed = true;
  }

  /** The first audio of each connection that carried any. */
  get firstAudio(): ReadonlyMap<number, Uint8Array> {
    return this.#firstAudio;
  }

  #wire(number: number, plan: ConnectionPlan): Wire {
    const random = new Random(this.#random.integer(0, 2 ** 31));
    const textOf = (index: number): string => this.#source.words[index]?.text ?? "?";
    const wire: Wire = {
      number,
      plan,
      server: new ServerSide(this.#manners, random, textOf, (text) => this.#fromServer(wire, text)),
      isOpen: false,
      isClosed: false,
      isDeaf: false,
      isMute: false,
      isFrozen: false,
      lastToClientMs: 0,
      lastToServerMs: 0,
      held: undefined,
      waiting: [],
      delivered: 0,
    };
    return wire;
  }

  #scheduleEnd(wire: Wire): void {
    const { life } = wire.plan;
    if (life === undefined || life.kind === "end-lost" || life.kind === "count") return;
    this.#scheduler.after(life.atMs, () => {
      if (wire.isClosed) return;
      if (life.kind === "reset") this.#cut(wire, 1006);
      else if (life.kind === "close") this.#cut(wire, life.code);
      else if (life.kind === "freeze") wire.isFrozen = true;
      else if (life.kind === "thaw") {
        wire.isFrozen = true;
        this.#scheduler.after(life.forMs ?? 0, () => {
          this.#thaw(wire);
        });
      } else {
        wire.isDeaf = life.kind !== "mute";
        wire.isMute = life.kind !== "deaf";
      }
    });
  }

  #cut(wire: Wire, code: number): void {
    if (wire.isClosed) return;
    wire.isClosed = true;
    this.#client.closed(wire.number, code);
  }

  #toServer(number: number, arrive: (wire: Wire) => void): void {
    const wire = this.#wires.get(number);
    if (wire === undefined || wire.isClosed) return;
    const at = Math.max(wire.lastToServerMs, this.#scheduler.now + wire.plan.latencyMs);
    wire.lastToServerMs = at;
    this.#scheduler.at(at, () => {
      if (!wire.isClosed && !wire.isDeaf) arrive(wire);
    });
  }

  /** Twice, or behind its successor, where the plan says so (W25); echoes keep their place. */
  #fromServer(wire: Wire, text: string): void {
    const isText = text.startsWith('{"task"');
    const { held } = wire;
    wire.held = undefined;
    // Where each message lists only what changed, the order of messages is the order of the words.
    const maySwap = isText && this.#manners.lists !== "tail";
    if (held === undefined && maySwap && this.#random.chance(wire.plan.swapped)) {
      wire.held = text;
      this.#scheduler.after(500, () => {
        if (wire.held !== text) return;
        wire.held = undefined;
        this.#deliver(wire, text);
      });
      return;
    }
    if (held !== undefined && !isText) this.#deliver(wire, held);
    this.#deliver(wire, text);
    if (held !== undefined && isText) {
      this.#deliver(wire, held);
      this.#deliver(wire, text);
    }
    if (isText && this.#random.chance(wire.plan.doubled)) this.#deliver(wire, text);
  }

  #deliver(wire: Wire, text: string): void {
    this.#toClient(wire, () => {
      this.#client.text(wire.number, text);
      wire.delivered += 1;
      const { life } = wire.plan;
      if (life?.kind === "count" && wire.delivered === life.messages) this.#cut(wire, life.code);
    });
  }

  #toClient(wire: Wire, arrive: () => void): void {
    if (wire.isMute) return;
    const { latencyMs, jitterMs } = wire.plan;
    const delayMs = latencyMs + this.#random.next() * jitterMs;
    const at = Math.max(wire.lastToClientMs, this.#scheduler.now + delayMs);
    wire.lastToClientMs = at;
    this.#scheduler.at(at, () => {
      if (!wire.isClosed && !wire.isMute) arrive();
    });
  }
}

function refusal(dial: Exclude<ConnectionPlan["dial"], { kind: "open" | "hang" }>): DialFailure {
  if (dial.kind === "network") return { kind: "network", message: "connection refused" };
  return {
    kind: "status",
    status: dial.status,
    body: "",
    isJson: true,
    retryAfterMs: dial.retryAfterMs,
  };
}
