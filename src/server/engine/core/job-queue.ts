/**
 * Work waiting for a process, shared fairly. A stream's only final goes before everything: it is
 * what somebody waits for who has just stopped speaking. Else the stream that was served least goes
 * first, so that one long file, which always has several waiting, cannot keep live streams waiting.
 * Finals are kept in order and never dropped; of interims only the newest of each stream waits,
 * because it says all that the older ones would have said.
 */

interface Line<J> {
  served: number;
  readonly finals: J[];
  interim: J | undefined;
}

/** Bound: as many finals as its streams add (each limits its own), and one interim a stream. */
export class JobQueue<J> {
  readonly #lines = new Map<number, Line<J>>();
  /** The least that a stream of those waiting had been served: who comes anew has had as much. */
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

  /** The next job: of the stream that is to be served, its oldest final before its interim. */
  next(): J | undefined {
    let chosen: Line<J> | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const line of this.#lines.values()) {
      if (line.finals.length === 0 && line.interim === undefined) continue;
      least = Math.min(least, line.served);
      if (chosen === undefined || goesBefore(line, chosen)) chosen = line;
    }
    if (chosen === undefined) return undefined;
    this.#clock = least;
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

function goesBefore<J>(one: Line<J>, other: Line<J>): boolean {
  const [first, second] = [one.finals.length === 1, other.finals.length === 1];
  return first === second ? one.served < other.served : first;
}
