/**
 * What random sessions do not have, for those that are to have it as well: servers that restart,
 * paths that stand still for a while, full sockets, connections that end between two given messages,
 * and a recognizer that hears a stretch a little differently when it hears it again. It has a
 * randomness of its own, so that a seed's session is the same without it.
 */
import type { SessionMachine } from "../../src/stream/core/machine.ts";
import { FaultPlan, type ConnectionPlan } from "./faults.ts";
import type { Network } from "./network.ts";
import { Random } from "./random.ts";
import type { SimSettings } from "./run.ts";
import type { Scheduler } from "./scheduler.ts";
import type { ServerManners } from "./server.ts";

/** Where the hardships come from. */
export interface Stage {
  readonly scheduler: Scheduler;
  readonly network: Network;
  /** Feeds the session's machine, as its driver would. */
  readonly act: (input: (machine: SessionMachine, now: number) => unknown) => void;
}

const CODES = [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];

class HarshFaults extends FaultPlan {
  readonly #random: Random;

  constructor(random: Random) {
    super(random);
    this.#random = random;
  }

  override next(): ConnectionPlan {
    const plan = super.next();
    const random = this.#random;
    if (plan.life === undefined || random.chance(0.4)) return plan;
    const kind = random.pick(["mute", "thaw", "count", "count", "close"] as const);
    const life = {
      ...plan.life,
      kind,
      code: random.chance(0.1) ? random.integer(3000, 4999) : random.pick(CODES),
      messages: random.integer(1, random.pick([4, 60])),
      forMs: random.between(200, 12_000),
    };
    return { ...plan, life };
  }
}

export function hardshipsOf(seed: number): SimSettings {
  const random = new Random(seed ^ 0x3a2d_51c7);
  return {
    manners: harshManners(random),
    faults: new HarshFaults(random),
    canPing: new Random(seed ^ 0x0b5e).chance(0.8),
    befall: (stage) => {
      befall(stage, random);
    },
  };
}

function harshManners(random: Random): Partial<ServerManners> {
  return {
    waverFrames: random.pick([0, 160, 480, 640]),
    rewords: random.pick([0, 0, 0.1, 0.5]),
    lostEchoes: random.pick([0, 0, 0.2]),
    lostTexts: random.pick([0, 0, 0.2]),
    fuses: random.chance(0.2),
  };
}

function befall({ scheduler, network, act }: Stage, random: Random): void {
  const times = (most: number, latestMs: number, happen: () => void): void => {
    if (random.chance(0.5)) return;
    for (let left = random.integer(1, most); left > 0; left -= 1) {
      scheduler.at(random.between(0, latestMs), happen);
    }
  };
  times(3, 40_000, () => {
    network.lag(random.between(100, random.pick([1000, 8000])));
  });
  times(2, 40_000, () => {
    network.restart(random.pick([1001, 1006, 1012]), random.pick([0, 500, 6000]));
  });
  times(2, 40_000, () => {
    act((machine, now) => {
      machine.handleRotate(now);
    });
  });
  times(4, 35_000, () => {
    const { newest } = network;
    const press = (isHigh: boolean): void => {
      act((machine, now) => {
        machine.handlePressure(now, newest, isHigh);
      });
    };
    press(true);
    scheduler.after(random.pick([10, 500, 5000]), () => {
      press(false);
    });
  });
}
