/**
 * One timer for all sessions of the process. A timer for each costs a fifth more CPU at a thousand
 * streams, and `setInterval(50)` runs 1.3 % slow; here deadlines are absolute.
 */

/** Lateness that the wheel itself adds, at most. */
const SLOT_MS = 5;
/** Slots of one turn: 5.12 s. A later deadline is looked at once a turn. */
const SLOTS = 1024;

/** One deadline at a time; setting another replaces it. */
export interface Alarm {
  set(deadlineMs: number): void;
  cancel(): void;
}

/** Browsers number their timers, Node hands out objects. */
type Timer = ReturnType<typeof setTimeout> | number;

class Entry implements Alarm {
  readonly ring: () => void;
  readonly #wheel: TimerWheel;
  deadlineMs = Infinity;
  /** The tick in whose slot it lies; Infinity = in none. Leaving it there is cheaper than moving it. */
  tick = Infinity;

  constructor(wheel: TimerWheel, ring: () => void) {
    this.#wheel = wheel;
    this.ring = ring;
  }

  set(deadlineMs: number): void {
    const change = Number(deadlineMs !== Infinity) - Number(this.deadlineMs !== Infinity);
    if (change !== 0) this.#wheel.count(change);
    this.deadlineMs = deadlineMs;
    this.#wheel.place(this);
  }

  cancel(): void {
    if (this.deadlineMs !== Infinity) this.#wheel.count(-1);
    this.deadlineMs = Infinity;
  }
}

/** Always true: an entry with a finite deadline lies in exactly one live slot, at or before it. */
export class TimerWheel {
  readonly #now: () => number;
  readonly #slots: { entry: Entry; tick: number }[][] = Array.from({ length: SLOTS }, () => []);
  #tick: number;
  /** Entries in slots, cancelled ones too. */
  #count = 0;
  /** Alarms with a deadline. */
  #set = 0;
  #timer: Timer | undefined;
  #timerTick = Infinity;
  #lateMs = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#tick = Math.floor(now() / SLOT_MS);
  }

  /** How late the newest turn came: 0 or little, unless the event loop has too much to do. */
  get lateMs(): number {
    return this.#lateMs;
  }

  alarm(ring: () => void): Alarm {
    return new Entry(this, ring);
  }

  /**
   * How many alarms are set has changed. A cancelled entry stays in its slot, so the timer may run
   * for nobody: it must not keep the process alive then.
   */
  count(change: number): void {
    this.#set += change;
    if (typeof this.#timer !== "object") return;
    if (this.#set === 0) this.#timer.unref();
    else this.#timer.ref();
  }

  place(entry: Entry): void {
    if (entry.deadlineMs === Infinity) return;
    const wanted = Math.ceil(entry.deadlineMs / SLOT_MS);
    if (this.#count === 0) this.#tick = Math.floor(this.#now() / SLOT_MS);
    const tick = Math.min(Math.max(wanted, this.#tick + 1), this.#tick + SLOTS - 1);
    if (entry.tick <= tick) return;
    entry.tick = tick;
    this.#slots[tick % SLOTS]?.push({ entry, tick });
    this.#count += 1;
    if (tick < this.#timerTick) this.#arm(tick);
  }

  #arm(tick: number): void {
    clearTimeout(this.#timer);
    this.#timerTick = tick;
    const delayMs = Math.max(0, tick * SLOT_MS - this.#now());
    this.#timer = setTimeout(() => this.#turn(), delayMs);
    this.count(0);
  }

  #turn(): void {
    this.#lateMs = Math.max(0, this.#now() - this.#timerTick * SLOT_MS);
    this.#timerTick = Infinity;
    // A millisecond of grace: timers of the platform may fire a little early.
    const nowTick = Math.floor((this.#now() + 1) / SLOT_MS);
    const from = Math.max(this.#tick + 1, nowTick - SLOTS + 1);
    for (let tick = from; tick <= nowTick; tick += 1) {
      this.#tick = tick;
      this.#ringSlot(tick % SLOTS);
    }
    if (this.#count > 0) this.#armNext();
  }

  #ringSlot(index: number): void {
    const slot = this.#slots[index];
    if (slot === undefined || slot.length === 0) return;
    this.#slots[index] = [];
    this.#count -= slot.length;
    for (const { entry, tick } of slot) {
      if (entry.tick !== tick) continue;
      entry.tick = Infinity;
      if (entry.deadlineMs > this.#tick * SLOT_MS) this.place(entry);
      else {
        entry.cancel();
        entry.ring();
      }
    }
  }

  #armNext(): void {
    for (let tick = this.#tick + 1; tick < this.#tick + SLOTS; tick += 1) {
      if ((this.#slots[tick % SLOTS]?.length ?? 0) > 0) {
        if (tick < this.#timerTick) this.#arm(tick);
        return;
      }
    }
  }
}
