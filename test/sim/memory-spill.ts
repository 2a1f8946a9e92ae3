/** The spill port in memory: what a process leaves behind that dies, and a disk that fills up or fails. */
import { SLAB_BYTES } from "../../src/stream/core/slab-pool.ts";
import type { Journal, JournalEntry, Spill } from "../../src/stream/core/spill.ts";

const SLAB_FRAMES = SLAB_BYTES / 2;

export class MemorySpill implements Spill {
  readonly #slabs = new Map<number, Uint8Array>();
  readonly #lines: string[] = [];
  readonly #mostSlabs: number;
  #answered = 0;
  #journal: Journal | undefined;
  #isBroken = false;
  #hasComplained = false;
  mostSlabs = 0;

  /** @param mostSlabs the bound; the oldest falls out. */
  constructor(mostSlabs: number) {
    this.#mostSlabs = mostSlabs;
  }

  get journal(): Journal | undefined {
    return this.#journal;
  }

  get baseFrame(): number {
    for (const frame of this.#slabs.keys()) return frame;
    return Infinity;
  }

  put(frame: number, bytes: Uint8Array): string | undefined {
    if (this.#isBroken) return this.#complain("broken");
    this.#slabs.set(frame, bytes.slice());
    this.mostSlabs = Math.max(this.mostSlabs, this.#slabs.size);
    if (this.#slabs.size <= this.#mostSlabs) return undefined;
    this.#slabs.delete(this.baseFrame);
    return this.#complain("full");
  }

  get(frame: number): Uint8Array | undefined {
    return this.#slabs.get(frame);
  }

  release(frame: number): void {
    this.#answered = Math.max(this.#answered, frame);
    for (const from of this.#slabs.keys()) {
      if (from + SLAB_FRAMES > frame) return;
      this.#slabs.delete(from);
    }
  }

  note(entry: JournalEntry): void {
    if (!this.#isBroken) this.#lines.push(JSON.stringify(entry));
  }

  /** The disk takes nothing more, and gives nothing back. */
  fail(): void {
    this.#isBroken = true;
    this.#slabs.clear();
  }

  /** What the next process finds. */
  reopen(): void {
    const [last = 0, bytes] = [...this.#slabs].at(-1) ?? [];
    this.#journal = {
      entries: this.#lines.map((line) => JSON.parse(line) as JournalEntry),
      endFrame: last + (bytes?.length ?? 0) / 2,
      answeredFrame: this.#answered,
    };
  }

  #complain(why: string): string | undefined {
    if (this.#hasComplained) return undefined;
    this.#hasComplained = true;
    return why;
  }
}
