/**
 * From a connection's clock to the session's. A connection's clock counts the audio that was sent
 * on it: one origin, and one more for every stretch that was left out on the way.
 */

interface Cut {
  readonly wireFrame: number;
  readonly frame: number;
}

/** Audio that was left out. */
export interface Hole {
  readonly start: number;
  readonly end: number;
}

/** Always true: cuts are ordered in both clocks; a placed position is never beyond what was sent. */
export class Origin {
  readonly #cuts: Cut[];
  #sent: number;

  /** @param frame session position where the connection's clock is zero. */
  constructor(frame: number) {
    this.#cuts = [{ wireFrame: 0, frame }];
    this.#sent = frame;
  }

  /** Session position of the next frame to be sent. */
  get sentFrame(): number {
    return this.#sent;
  }

  get originFrame(): number {
    return this.#cuts[0]?.frame ?? 0;
  }

  /** What was left out on the way, in order. */
  get holes(): Hole[] {
    return this.#cuts.slice(1).map(({ wireFrame, frame }, index) => {
      const before = this.#cuts[index] ?? { wireFrame: 0, frame: 0 };
      return { start: before.frame + wireFrame - before.wireFrame, end: frame };
    });
  }

  sent(frames: number): void {
    this.#sent += frames;
  }

  /** Leaves out everything up to `frame`. */
  skipTo(frame: number): void {
    const last = this.#cuts.at(-1);
    if (last === undefined || frame <= this.#sent) return;
    const wireFrame = last.wireFrame + this.#sent - last.frame;
    // Where nothing was sent between two of them, they are one; before the first audio, the origin moves.
    if (wireFrame === last.wireFrame) this.#cuts.pop();
    this.#cuts.push({ wireFrame, frame });
    this.#sent = frame;
  }

  /** The position on the connection's clock: the inverse of `place`. What was left out lies where it was cut. */
  wireFrame(frame: number): number {
    let next = Infinity;
    for (let index = this.#cuts.length - 1; index >= 0; index -= 1) {
      const cut = this.#cuts[index];
      if (cut === undefined) break;
      if (cut.frame <= frame) return Math.min(cut.wireFrame + frame - cut.frame, next);
      next = cut.wireFrame;
    }
    return frame - this.originFrame;
  }

  place(wireFrame: number): number {
    for (let index = this.#cuts.length - 1; index >= 0; index -= 1) {
      const cut = this.#cuts[index];
      if (cut !== undefined && cut.wireFrame <= wireFrame) {
        return Math.min(this.#sent, cut.frame + wireFrame - cut.wireFrame);
      }
    }
    return this.originFrame;
  }
}
