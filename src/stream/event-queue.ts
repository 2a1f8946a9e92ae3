/** The events between the session and whoever iterates it. */
import type { SessionEvent } from "./core/events.ts";

/** From here on a slow reader slows the writer. */
const FULL = 1024;
/** From here on an interim that was not read is replaced by the next one of its segment. */
const COALESCE = 32;

/**
 * One reader. Always true: with a reader the queue grows beyond `FULL` only by what one input
 * produces; without one the oldest events fall out.
 */
export class EventQueue implements AsyncIterator<SessionEvent, undefined> {
  /** Behind `#at` what was not read; before it nothing is held any more. */
  #events: (SessionEvent | undefined)[] = [];
  #at = 0;
  #waiting: ((result: IteratorResult<SessionEvent, undefined>) => void) | undefined;
  #fail: ((error: unknown) => void) | undefined;
  #end: { readonly error: unknown; readonly isError: boolean } | undefined;
  #onRoom: () => void;
  #onReturn: () => void;
  isRead = false;

  constructor(onRoom: () => void, onReturn: () => void) {
    this.#onRoom = onRoom;
    this.#onReturn = onReturn;
  }

  get length(): number {
    return this.#events.length - this.#at;
  }

  get isFull(): boolean {
    return this.isRead && this.length >= FULL;
  }

  push(event: SessionEvent): void {
    if (this.#end !== undefined) return;
    if (this.#waiting !== undefined) {
      this.#settle({ done: false, value: event });
      return;
    }
    if (this.length >= COALESCE && this.#replacesInterim(event)) return;
    this.#events.push(event);
    if (!this.isRead && this.length > FULL) this.#drop();
  }

  /** After the events that are queued, the iteration ends, or throws `error`. */
  end(isError: boolean, error?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { error, isError };
    if (this.#waiting === undefined) return;
    if (isError) {
      const fail = this.#fail;
      this.#waiting = undefined;
      this.#end = { error: undefined, isError: false };
      fail?.(error);
    } else this.#settle({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<SessionEvent, undefined>> {
    const event = this.#events[this.#at];
    if (event !== undefined) {
      const wasFull = this.isFull;
      this.#drop();
      if (wasFull && !this.isFull) this.#onRoom();
      return Promise.resolve({ done: false, value: event });
    }
    if (this.#end !== undefined) {
      const { isError, error } = this.#end;
      this.#end = { error: undefined, isError: false };
      if (isError) return Promise.reject(error);
      return Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve, reject) => {
      this.#waiting = resolve;
      this.#fail = reject;
    });
  }

  /** The reader went away. */
  return(): Promise<IteratorResult<SessionEvent, undefined>> {
    this.#events = [];
    this.#at = 0;
    this.#end ??= { error: undefined, isError: false };
    this.#end = { error: undefined, isError: false };
    this.#onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }

  #settle(result: IteratorResult<SessionEvent, undefined>): void {
    const resolve = this.#waiting;
    this.#waiting = undefined;
    resolve?.(result);
  }

  #replacesInterim(event: SessionEvent): boolean {
    if (event.type !== "interim") return false;
    const stop = Math.max(this.#at, this.#events.length - COALESCE);
    for (let index = this.#events.length - 1; index >= stop; index -= 1) {
      const queued = this.#events[index];
      if (queued === undefined || !("segment" in queued)) continue;
      if (queued.segment !== event.segment) continue;
      if (queued.type !== "interim") return false;
      this.#events[index] = event;
      return true;
    }
    return false;
  }

  /** Lets go of the oldest event: one that a reader is done with must not be kept for others. */
  #drop(): void {
    this.#events[this.#at] = undefined;
    this.#at += 1;
    if (this.#at === this.#events.length) {
      this.#events.length = 0;
      this.#at = 0;
    } else if (this.#at >= 256) {
      this.#events = this.#events.slice(this.#at);
      this.#at = 0;
    }
  }
}
