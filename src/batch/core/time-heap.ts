/** Names by time, soonest first: a binary heap. Equal times come out in any order. */
export class TimeHeap {
  readonly #times: number[] = [];
  readonly #names: string[] = [];

  get size(): number {
    return this.#times.length;
  }

  /** Infinity when empty. */
  soonestMs(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  soonest(): string | undefined {
    return this.#names[0];
  }

  push(atMs: number, name: string): void {
    let at = this.#times.length;
    this.#times.push(atMs);
    this.#names.push(name);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#time(parent) <= this.#time(at)) break;
      this.#swap(parent, at);
      at = parent;
    }
  }

  pop(): string | undefined {
    const top = this.#names[0];
    const last = this.#times.length - 1;
    if (last > 0) this.#swap(0, last);
    this.#times.pop();
    this.#names.pop();
    this.#sink();
    return top;
  }

  #sink(): void {
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      if (left >= this.#times.length) return;
      const right = left + 1;
      const least = this.#time(right) < this.#time(left) ? right : left;
      if (this.#time(at) <= this.#time(least)) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #time(at: number): number {
    return this.#times[at] ?? Number.POSITIVE_INFINITY;
  }

  #swap(one: number, other: number): void {
    const time = this.#time(one);
    const name = this.#names[one] ?? "";
    this.#times[one] = this.#time(other);
    this.#names[one] = this.#names[other] ?? "";
    this.#times[other] = time;
    this.#names[other] = name;
  }
}
