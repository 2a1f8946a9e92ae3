/** What the network and the other side do to a session's connections. */
import type { Random } from "./random.ts";

/** How a dial ends. */
export type DialFault =
  | { readonly kind: "open"; readonly afterMs: number }
  | { readonly kind: "status"; readonly status: number; readonly retryAfterMs: number | undefined }
  | { readonly kind: "network" }
  | { readonly kind: "hang" };

/** How a connection ends; `atMs` after it opened. */
export interface LifeFault {
  readonly kind:
    | "reset"
    | "close"
    | "blackhole"
    | "deaf"
    | "mute"
    | "freeze"
    | "thaw"
    | "end-lost"
    | "count";
  readonly atMs: number;
  readonly code: number;
  /** Closed behind this many messages of the server (`count`). */
  readonly messages?: number;
  /** How long it stands still (`thaw`). */
  readonly forMs?: number;
}

export interface ConnectionPlan {
  readonly dial: DialFault;
  readonly life: LifeFault | undefined;
  readonly latencyMs: number;
  readonly jitterMs: number;
  /** Messages of the server that are sent twice, or swapped with the next. */
  readonly doubled: number;
  readonly swapped: number;
}

/** A session's faults, drawn as connections are made; after the budget all is well. */
export class FaultPlan {
  readonly #random: Random;
  readonly #isDown: boolean;
  #budget: number;
  injected = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#budget = random.chance(0.1) ? 0 : random.integer(1, 6);
    this.#isDown = random.chance(0.02);
  }

  next(): ConnectionPlan {
    const random = this.#random;
    const isFaulty = this.#budget > 0 || this.#isDown;
    const isOrderly = random.chance(0.8);
    const plan = {
      dial: this.#dial(isFaulty),
      life: isFaulty ? this.#life() : undefined,
      latencyMs: random.pick([1, 20, 80, 300]),
      jitterMs: random.pick([0, 5, 100]),
      doubled: isOrderly ? 0 : 0.1,
      swapped: isOrderly ? 0 : 0.1,
    };
    if (plan.life !== undefined || plan.dial.kind !== "open") {
      this.#budget -= 1;
      this.injected += 1;
    }
    return plan;
  }

  #dial(isFaulty: boolean): DialFault {
    const random = this.#random;
    const afterMs = random.pick([2, 30, 200, 1500]);
    if (!isFaulty || random.chance(this.#isDown ? 0.05 : 0.7)) return { kind: "open", afterMs };
    const kind = random.pick(["status", "status", "network", "network", "hang"] as const);
    if (kind !== "status") return { kind };
    const retryAfterMs = random.chance(0.3) ? random.integer(0, 4000) : undefined;
    return { kind, status: random.pick([429, 503, 502, 504, 520, 500]), retryAfterMs };
  }

  #life(): LifeFault {
    const random = this.#random;
    return {
      kind: random.pick([
        "reset",
        "reset",
        "close",
        "blackhole",
        "deaf",
        "freeze",
        "end-lost",
      ] as const),
      atMs: random.chance(0.3) ? random.between(0, 1500) : random.between(0, 25_000),
      code: random.pick([1000, 1001, 1005, 1006, 1011, 1012, 1013]),
    };
  }
}
