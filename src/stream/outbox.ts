/**
 * The last step to the kernel, for all sockets of the thread. A frame is not written where it is made:
 * frames gather in one block, and before the event loop waits again the sockets write one after the
 * other. Of a thousand streams that get their audio in one turn, first all sessions work and then the
 * kernel does, so that each finds its own code in the processor's caches, and the other side is woken
 * once instead of a hundred times. It also spares a buffer for each frame, which would make the
 * garbage collector go through the whole heap several times a second, and lets a question travel with
 * the audio before it.
 *
 * The frames themselves are `ws`'s.
 */
import type { Socket } from "node:net";
// The module's own: a test that puts a clock of its own in the place of the global one for a while
// would keep what was to be written then, of all sockets.
import { setImmediate } from "node:timers";
import * as ws from "ws";

/** Frames that gather before they are written all the same. */
const BLOCK_BYTES = 64 * 1024;
/** The longest payload whose length fits the shortest header (RFC 6455 §5.2). */
const SHORT_BYTES = 125;
/** Header with the key of the mask, of a short frame and of any other that fits the block. */
const SHORT_HEADER_BYTES = 6;
const HEADER_BYTES = 8;
/** Masked in place, with a fresh random key each time. */
const BINARY = { fin: true, rsv1: false, mask: true, readOnly: false, opcode: 2 };
const TEXT = { ...BINARY, opcode: 1 };

/** `ws` exports it for those who write frames themselves; its types leave it out. */
interface FrameMaker {
  /** @returns the header, and `data`, now masked. */
  frame(data: Uint8Array, options: typeof BINARY): readonly Uint8Array[];
}

/** Not there where another package stands in for `ws`, as in Bun. */
const maker = (ws as unknown as { readonly Sender?: Partial<FrameMaker> }).Sender;

/** A socket's side of it. */
export interface Poster {
  /** What its frames are written to. */
  readonly connection: Socket | undefined;
  /** Whether a frame may still be written. */
  readonly isOpen: boolean;
  /** Set when the kernel does not take everything at once. */
  isSlow: boolean;
}

/** Frames of one socket that lie side by side. */
interface Letter {
  readonly poster: Poster;
  readonly from: number;
  to: number;
}

/**
 * Always true: letters lie in the block one behind the other, so the frames of a socket keep their
 * order; what the kernel has not taken yet is never written over.
 */
class Outbox {
  #letters: Letter[] = [];
  #block = Buffer.alloc(0);
  #used = 0;

  /** @returns whether the frame will be written; if not, the caller has to: none of its own waits. */
  add(poster: Poster, data: Uint8Array, isText: boolean): boolean {
    if (poster.connection === undefined || maker?.frame === undefined) return false;
    const room = HEADER_BYTES + data.length;
    if (this.#used + room > BLOCK_BYTES) this.flush();
    if (room > BLOCK_BYTES) return false;
    if (this.#block.length === 0) this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    if (this.#letters.length === 0) setImmediate(flush);
    const from = this.#used;
    const at = from + (data.length > SHORT_BYTES ? HEADER_BYTES : SHORT_HEADER_BYTES);
    this.#used = at + data.length;
    this.#block.set(data, at);
    const body = this.#block.subarray(at, this.#used);
    const [header] = maker.frame(body, isText ? TEXT : BINARY);
    if (header !== undefined) this.#block.set(header, from);
    const last = this.#letters.at(-1);
    if (last?.poster === poster) last.to = this.#used;
    else this.#letters.push({ poster, from, to: this.#used });
    return true;
  }

  /** Everything that waits is written, or thrown away with its socket. */
  flush(): void {
    const letters = this.#letters;
    this.#letters = [];
    this.#used = 0;
    let isTaken = true;
    for (const { poster, from, to } of letters) {
      const { connection, isOpen } = poster;
      if (connection === undefined || !isOpen) continue;
      const frames = this.#block.subarray(from, to);
      // Behind other frames these may wait for long: a few bytes must not keep the whole block.
      const isSlow = connection.writableLength > 0;
      connection.write(isSlow ? Buffer.from(frames) : frames);
      if (connection.writableLength === 0) continue;
      poster.isSlow = true;
      if (!isSlow) isTaken = false;
    }
    if (!isTaken) this.#block = Buffer.alloc(0);
  }
}

/** The one of this thread. */
export const outbox = new Outbox();

const flush = (): void => outbox.flush();
