/** Work done for audio over the last minute, in slots of five seconds. Time comes in as an argument. */

const SLOT_MS = 5_000;
const SLOTS = 12;

interface Slot {
  readonly number: number;
  busyMs: number;
  audioMs: number;
}

export class LoadMeter {
  #slots: Slot[] = [];

  addWork(nowMs: number, busyMs: number): void {
    this.#slot(nowMs).busyMs += busyMs;
  }

  addAudio(nowMs: number, audioMs: number): void {
    this.#slot(nowMs).audioMs += audioMs;
  }

  /** Processing time ÷ audio time over the last minute; 0 when idle. */
  realTimeFactor(nowMs: number): number {
    this.#forget(nowMs);
    let busyMs = 0;
    let audioMs = 0;
    for (const slot of this.#slots) {
      busyMs += slot.busyMs;
      audioMs += slot.audioMs;
    }
    return audioMs === 0 ? 0 : busyMs / audioMs;
  }

  #slot(nowMs: number): Slot {
    this.#forget(nowMs);
    const number = Math.floor(nowMs / SLOT_MS);
    const last = this.#slots.at(-1);
    if (last?.number === number) return last;
    const slot = { number, busyMs: 0, audioMs: 0 };
    this.#slots.push(slot);
    return slot;
  }

  #forget(nowMs: number): void {
    const oldest = Math.floor(nowMs / SLOT_MS) - SLOTS;
    this.#slots = this.#slots.filter((slot) => slot.number > oldest);
  }
}
