/** Virtual time: a heap of what happens when; equal times in the order in which they were asked for. */
interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class Scheduler {
  readonly #heap: Happening[] = [];
  #order = 0;
  #now = 0;

  get now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#now + Math.max(0, delayMs), run);
  }

  at(timeMs: number, run: () => void): void {
    this.#order += 1;
    const heap = this.#heap;
    heap.push({ at: Math.max(timeMs, this.#now), order: this.#order, run });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!isBefore(heap[child], heap[parent])) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /** Runs what is next; false when nothing is, or only after `untilMs`. */
  step(untilMs: number): boolean {
    const first = this.#heap[0];
    if (first === undefined || first.at > untilMs) return false;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink();
    }
    this.#now = first.at;
    first.run();
    return true;
  }

  #sink(): void {
    const heap = this.#heap;
    let parent = 0;
    for (;;) {
      const left = parent * 2 + 1;
      const right = left + 1;
      let least = parent;
      if (left < heap.length && isBefore(heap[left], heap[least])) least = left;
      if (right < heap.length && isBefore(heap[right], heap[least])) least = right;
      if (least === parent) return;
      this.#swap(least, parent);
      parent = least;
    }
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a] as Happening;
    this.#heap[a] = this.#heap[b] as Happening;
    this.#heap[b] = kept;
  }
}

function isBefore(a: Happening | undefined, b: Happening | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
