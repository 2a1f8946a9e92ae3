/**
 * Inputs of a connection, handled one after the other in the order of their arrival, also when one
 * of them takes time. Bound: above `MAX_BYTES` waiting, reading pauses until a quarter is left.
 */
const MAX_BYTES = 4 * 1024 * 1024;

export interface InboxPort<Item> {
  /** A promise holds up what follows. */
  handle(item: Item): Promise<void> | undefined;
  pause(): void;
  resume(): void;
  /** What `handle` threw or rejected with; the items behind it are handled all the same. */
  fail(error: unknown): void;
}

/** Invariant: `#bytes` is the size of `#items`; at most one item is being handled. */
export class Inbox<Item> {
  readonly #port: InboxPort<Item>;
  #items: { readonly item: Item; readonly bytes: number }[] = [];
  #bytes = 0;
  #working = false;
  #paused = false;

  constructor(port: InboxPort<Item>) {
    this.#port = port;
  }

  push(item: Item, bytes: number): void {
    this.#items.push({ item, bytes });
    this.#bytes += bytes;
    if (this.#bytes > MAX_BYTES && !this.#paused) {
      this.#paused = true;
      this.#port.pause();
    }
    if (!this.#working) void this.#work();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#items = [];
    this.#bytes = 0;
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let next = this.#items.shift(); next !== undefined; next = this.#items.shift()) {
      this.#bytes -= next.bytes;
      try {
        const done = this.#port.handle(next.item);
        if (done !== undefined) await done;
      } catch (error) {
        this.#port.fail(error);
      }
      if (this.#paused && this.#bytes < MAX_BYTES / 4) {
        this.#paused = false;
        this.#port.resume();
      }
    }
    this.#working = false;
  }
}
