/** A network that breaks exactly when it is told to. */
import { FaultPlan, type ConnectionPlan } from "./faults.ts";
import { Random } from "./random.ts";

/** Every connection but the last is reset at the next of these times. */
export class Resets extends FaultPlan {
  readonly #times: number[];

  constructor(times: readonly number[]) {
    super(new Random(1));
    this.#times = [...times];
  }

  override next(): ConnectionPlan {
    const atMs = this.#times.shift();
    return {
      dial: { kind: "open", afterMs: 20 },
      life: atMs === undefined ? undefined : { kind: "reset", atMs, code: 1006 },
      latencyMs: 20,
      jitterMs: 0,
      doubled: 0,
      swapped: 0,
    };
  }
}
