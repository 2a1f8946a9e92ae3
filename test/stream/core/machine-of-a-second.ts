import {
  DEFAULT_MACHINE_OPTIONS,
  type MachineOptions,
} from "../../../src/stream/core/machine-options.ts";
import { SessionMachine } from "../../../src/stream/core/machine.ts";
import { SlabPool } from "../../../src/stream/core/slab-pool.ts";

/** A session with one open connection, on which a second of audio was sent, and a question behind it. */
export function machineOfASecond(
  level: number,
  more: Partial<MachineOptions> = {},
): SessionMachine {
  const options = {
    ...DEFAULT_MACHINE_OPTIONS,
    target: { host: "host", url: "ws://host/path" },
    traceFrames: 16_000,
    pace: "max" as const,
    level: () => level,
    ...more,
  };
  const machine = new SessionMachine(options, new SlabPool(), () => 0);
  machine.handleStart(0);
  machine.handleOpen(0, 1);
  machine.handleWrite(0, new Uint8Array(32_000));
  return machine;
}
