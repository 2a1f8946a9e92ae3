/** The events between the session and whoever iterates it. */
import type { SessionEvent } from "./core/events.ts";

/** From here on a slow reader slows the writer. */
const FULL = 1024;
/** From here on an interim that was not read is replaced by the next one of its segment. */
const COALESCE = 32;

type Result = IteratorResult<SessionEvent, undefined>;

/** Answers a `next` that has no answer yet. */
type Answer = (result: Result | Promise<Result>) => void;

const DONE: Result = { done: true, value: undefined };

/**
 * One reader. Always true: who waits finds the queue empty. With a reader nothing is thrown away but
 * interims that newer ones replace: beyond `FULL` writers wait, so the queue grows only by what the
 * other side still says of audio that it has. Without a reader the oldest events fall out.
 */
export class EventQueue implements AsyncIterator<SessionEvent, undefined> {
  /** Behind `#at` what was not read; before it nothing is held any more. */
  #events: (SessionEvent | undefined)[] = [];
  #at = 0;
  #waiting: Answer[] = [];
  /** The same function for every promise: a thousand readers wait several times a second each. */
  readonly #wait = (answer: Answer): void => {
    this.#waiting.push(answer);
  };
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
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting({ done: false, value: event });
      return;
    }
    if (this.length >= COALESCE && this.#replacesInterim(event)) return;
    this.#events.push(event);
    if (!this.isRead && this.length > FULL) this.#drop();
  }

  /** After the events that are queued, the iteration ends, or throws `error`: once, then it has ended. */
  end(isError: boolean, error?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { error, isError };
    for (const answer of this.#waiting.splice(0)) answer(this.#last());
  }

  next(): Promise<Result> {
    const event = this.#events[this.#at];
    if (event !== undefined) {
      const wasFull = this.isFull;
      this.#drop();
      if (wasFull && !this.isFull) this.#onRoom();
      return Promise.resolve({ done: false, value: event });
    }
    if (this.#end !== undefined) return this.#last();
    return new Promise(this.#wait);
  }

  /** The reader went away. */
  return(): Promise<Result> {
    this.#events = [];
    this.#at = 0;
    this.#end = { error: undefined, isError: false };
    for (const answer of this.#waiting.splice(0)) answer(DONE);
    this.#onReturn();
    return Promise.resolve(DONE);
  }

  #last(): Promise<Result> {
    const { isError = false, error } = this.#end ?? {};
    this.#end = { error: undefined, isError: false };
    return isError ? Promise.reject(error) : Promise.resolve(DONE);
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
