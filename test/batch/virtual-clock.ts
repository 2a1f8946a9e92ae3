/**
 * A clock whose hours pass in moments: whenever everybody sleeps and the disk is at rest, time jumps
 * to the next one to wake.
 */
import type { Clock } from "../../src/batch/clock.ts";
import { TimeHeap } from "../../src/batch/core/time-heap.ts";

export class VirtualClock implements Clock {
  readonly random: () => number;
  readonly #heap = new TimeHeap();
  readonly #sleepers = new Map<string, () => void>();
  #now = 0;
  #names = 0;
  #turning = false;

  constructor(random: () => number) {
    this.random = random;
  }

  nowMs(): number {
    return this.#now;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      this.#names += 1;
      const name = String(this.#names);
      const stop = (): void => {
        this.#sleepers.delete(name);
        reject(signal?.reason);
      };
      this.#sleepers.set(name, () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      });
      signal?.addEventListener("abort", stop, { once: true });
      this.#heap.push(this.#now + delayMs, name);
      this.#turn();
    });
  }

  #turn(diskWasBusy = false): void {
    if (this.#turning || this.#sleepers.size === 0) return;
    this.#turning = true;
    const turn = (): void => {
      this.#turning = false;
      const busy = diskIsBusy();
      if (!busy) this.#wakeNext();
      this.#turn(busy);
    };
    // A busy disk is looked at again in a while, not in circles.
    if (diskWasBusy) setTimeout(turn, 1);
    else setImmediate(turn);
  }

  #wakeNext(): void {
    while (this.#heap.size > 0) {
      this.#now = Math.max(this.#now, this.#heap.soonestMs());
      const name = this.#heap.pop() ?? "";
      const wake = this.#sleepers.get(name);
      this.#sleepers.delete(name);
      if (wake === undefined) continue;
      wake();
      return;
    }
  }
}

function diskIsBusy(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"));
}
