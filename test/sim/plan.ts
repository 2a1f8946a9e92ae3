/** What a seed has in store for the client's own side: its settings, and its troubles. */
import {
  DEFAULT_MACHINE_OPTIONS,
  type MachineOptions,
} from "../../src/stream/core/machine-options.ts";
import type { Random } from "./random.ts";
import { randomHoles, type Hole, type Script } from "./script.ts";
import type { ServerManners } from "./server.ts";
import type { Source } from "./source.ts";

/** One session, before it begins. */
export interface Plan {
  readonly seed: number;
  readonly script: Script;
  readonly options: MachineOptions;
  readonly manners: ServerManners;
  readonly trouble: Trouble;
  readonly isLive: boolean;
}

/** What befalls the client's own side. */
export interface Trouble {
  readonly holes: readonly Hole[];
  /** Slabs that the spill holds; 0 = there is none. */
  readonly spillSlabs: number;
  /** When the process dies; each time another one goes on. */
  readonly crashesAtMs: readonly number[];
  readonly diskFailsAtMs: number;
}

export const CALM: Trouble = { holes: [], spillSlabs: 0, crashesAtMs: [], diskFailsAtMs: Infinity };

export function randomTrouble(random: Random, source: Source): Trouble {
  const holes = randomHoles(random, source);
  if (!random.chance(0.4)) return { ...CALM, holes };
  const spillSlabs = random.pick([30, 60, 400, 4000]);
  if (random.chance(0.1)) {
    return { ...CALM, holes, spillSlabs, diskFailsAtMs: random.between(0, 30_000) };
  }
  const crashes = random.pick([0, 1, 1, 2, 3]);
  const crashesAtMs = Array.from({ length: crashes }, () => random.between(0, 40_000));
  return { holes, spillSlabs, crashesAtMs, diskFailsAtMs: Infinity };
}

export function randomOptions(random: Random, isLive: boolean): MachineOptions {
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
  const samples = new DataView(bytes.buffer, bytes.byteOffset, bytes.length - (bytes.length % 2));
  for (let at = 0; at < samples.byteLength; at += 400) {
    if (samples.getInt16(at, true) > 0) return 5000;
  }
  return samples.byteLength > 0 && samples.getInt16(samples.byteLength - 2, true) > 0 ? 5000 : 0;
}
