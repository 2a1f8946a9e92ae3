/**
 * Decodes waiting for a worker, shared fairly: the stream that was served least goes first, so one
 * long file cannot keep live streams waiting, however much it brings. Finals are kept in order and
 * never dropped; of interims only the newest of each stream waits, because it says all that the
 * older ones would have said.
 */

interface Line<J> {
  served: number;
  readonly finals: J[];
  interim: J | undefined;
}

/** Bound: as many finals as its streams add (each limits its own), and one interim a stream. */
export class JobQueue<J> {
  readonly #lines = new Map<number, Line<J>>();
  /** The service of the stream that was chosen last: nobody who waits has had less. */
  #clock = 0;

  get size(): number {
    let size = 0;
    for (const line of this.#lines.values()) {
      size += line.finals.length + (line.interim === undefined ? 0 : 1);
    }
    return size;
  }

  addFinal(stream: number, job: J): void {
    this.#line(stream).finals.push(job);
  }

  /** Puts a failed final back where it was. */
  returnFinal(stream: number, job: J): void {
    this.#line(stream).finals.unshift(job);
  }

  /** @returns the interim that this one replaces. */
  addInterim(stream: number, job: J): J | undefined {
    const line = this.#line(stream);
    const replaced = line.interim;
    line.interim = job;
    return replaced;
  }

  /** Takes the interim of a stream out, because a final is about to say more. */
  dropInterim(stream: number): J | undefined {
    const line = this.#lines.get(stream);
    const dropped = line?.interim;
    if (line !== undefined) line.interim = undefined;
    return dropped;
  }

  /** The next job: of the stream served least, its oldest final before its interim. */
  next(): J | undefined {
    let chosen: Line<J> | undefined;
    for (const line of this.#lines.values()) {
      if (line.finals.length === 0 && line.interim === undefined) continue;
      if (chosen === undefined || line.served < chosen.served) chosen = line;
    }
    if (chosen === undefined) return undefined;
    this.#clock = chosen.served;
    const final = chosen.finals.shift();
    if (final !== undefined) return final;
    const interim = chosen.interim;
    chosen.interim = undefined;
    return interim;
  }

  /** Books work for a stream, in any one unit, when it is handed out. */
  charge(stream: number, cost: number): void {
    const line = this.#lines.get(stream);
    if (line !== undefined) line.served += cost;
  }

  /** Forgets a stream. @returns its jobs that were waiting. */
  forget(stream: number): J[] {
    const line = this.#lines.get(stream);
    this.#lines.delete(stream);
    if (line === undefined) return [];
    return line.interim === undefined ? line.finals : [...line.finals, line.interim];
  }

  #line(stream: number): Line<J> {
    let line = this.#lines.get(stream);
    if (line === undefined) {
      line = { served: 0, finals: [], interim: undefined };
      this.#lines.set(stream, line);
    }
    if (line.finals.length === 0 && line.interim === undefined) {
      // Who had nothing to do may not save its share up and then take the engine over.
      line.served = Math.max(line.served, this.#clock);
    }
    return line;
  }
}
