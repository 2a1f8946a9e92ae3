/** What the machine wants done and the driver has not asked for yet. */
import type { Command } from "./commands.ts";

/**
 * First in, first out. Nearly always there is one command or none: that one lies in the queue itself,
 * because of thousands of sessions each object that is looked at is a wait for memory.
 *
 * Always true: where there is no first one there are no others.
 */
export class CommandQueue {
  #first: Command | undefined;
  #hasMore = false;
  readonly #more: Command[] = [];

  push(command: Command): void {
    if (this.#first === undefined) this.#first = command;
    else {
      this.#more.push(command);
      this.#hasMore = true;
    }
  }

  /** The oldest; `undefined` = nothing is to be done. */
  shift(): Command | undefined {
    const first = this.#first;
    if (!this.#hasMore) this.#first = undefined;
    else {
      this.#first = this.#more.shift();
      this.#hasMore = this.#more.length > 0;
    }
    return first;
  }
}
