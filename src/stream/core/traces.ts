/**
 * Questions asked along the audio (`stt.input.trace`). The echo of one means that everything sent
 * before it has been answered: the heartbeat of progress, and in silence the only acknowledgement.
 */

/** Questions that may be open at once; a server that answers none makes the oldest fall out. */
const OPEN_LIMIT = 128;

interface OpenTrace {
  readonly id: string;
  readonly frame: number;
  readonly atMs: number;
}

/** Always true: `open` is ordered by frame and no longer than its limit. */
export class Traces {
  readonly #open: OpenTrace[] = [];
  readonly #prefix: string;
  readonly #intervalFrames: number;
  #askedFrame: number;
  #heardFrame: number;
  #asked = 0;
  #echoes = 0;

  /**
   * @param prefix makes ids unique over connections.
   * @param intervalFrames audio between two questions; 0 asks none.
   */
  constructor(prefix: string, intervalFrames: number, startFrame: number) {
    this.#prefix = prefix;
    this.#intervalFrames = intervalFrames;
    this.#askedFrame = startFrame;
    this.#heardFrame = startFrame;
  }

  /** Everything before this position has been answered, provisionally at least. */
  get heardFrame(): number {
    return this.#heardFrame;
  }

  get echoes(): number {
    return this.#echoes;
  }

  /** When the oldest question without an answer was asked. */
  get oldestAskedAtMs(): number | undefined {
    return this.#open[0]?.atMs;
  }

  /** Once audio is sent up to here a question is due; Infinity = none is ever asked. */
  get dueFrame(): number {
    return this.#intervalFrames > 0 ? this.#askedFrame + this.#intervalFrames : Infinity;
  }

  /** The id of a question to be sent now. */
  ask(now: number, sentFrame: number): string {
    this.#askedFrame = sentFrame;
    this.#asked += 1;
    const id = `${this.#prefix}:${this.#asked}:${sentFrame}`;
    this.#open.push({ id, frame: sentFrame, atMs: now });
    if (this.#open.length > OPEN_LIMIT) this.#open.shift();
    return id;
  }

  /** An echo answers its question and all before it. Unknown ids are ignored. */
  echo(id: string): boolean {
    const index = this.#open.findIndex((trace) => trace.id === id);
    const trace = this.#open[index];
    if (trace === undefined) return false;
    this.#open.splice(0, index + 1);
    this.#echoes += 1;
    if (trace.frame > this.#heardFrame) this.#heardFrame = trace.frame;
    return true;
  }
}
