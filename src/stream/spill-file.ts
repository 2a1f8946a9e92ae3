/**
 * The spill of a session as a file: hours of audio that the memory does not hold, and the journal
 * with which another process takes the session up after a crash.
 */
import { resolve } from "node:path";
import { EverywordError, messageOf } from "../errors.ts";
import { framesOf } from "./core/frames.ts";
import { writeEntry } from "./core/journal-lines.ts";
import { SLAB_BYTES } from "./core/slab-pool.ts";
import type { Journal, JournalEntry, Spill } from "./core/spill.ts";
import { BYTES_PER_FRAME } from "./core/wire.ts";
import { SLOT_BYTES, SLOT_FRAMES, SlotFile } from "./slot-file.ts";
import { inUse, ownerLine, readLeft, type AudioSlot, type Left } from "./spill-left.ts";

/** Files of this process that are in use. */
const openPaths = new Set<string>();

/** How much a session's file may hold. */
export interface SpillFileOptions {
  /** Audio that is kept at most: 115 MB an hour. Default 4, 0.01 to 168; beyond it the oldest goes. */
  readonly hours?: number | undefined;
}

/** A session's file. Give it to `openSession` as `spill`; it is gone when the session has lost nothing. */
export interface SpillFile extends Spill {
  /** Where it is. */
  readonly path: string;
  /** Whether the session ended with audio that was never answered: it can be taken up again. */
  readonly isKept: boolean;
  /** Lets go of the file and leaves it there, for a session that never began. */
  close(): void;
  /** Closes and removes it. */
  discard(): void;
}

/**
 * Makes the file; only its owner may read it. It grows with the audio that is not answered yet, and
 * with the words (a few hundred bytes each).
 *
 * @throws EverywordError `usage` when there is such a file already, `input-unreadable` when none can be made.
 * @throws RangeError for hours that cannot be.
 */
export function createSpillFile(path: string, options: SpillFileOptions = {}): SpillFile {
  const most = mostSlots(options);
  const file = openSlots(path, true);
  return new SlottedSpill(path, file, most, undefined);
}

/**
 * Opens what a session left behind that was killed, or that failed. The session goes on from it:
 * `openSession({ ..., spill: resumeSpillFile(path) })`. What was told before is in `journal.entries`.
 *
 * @throws EverywordError `input-unreadable` when it is not such a file, `usage` while its process runs.
 * @throws RangeError for hours that cannot be.
 */
export function resumeSpillFile(path: string, options: SpillFileOptions = {}): SpillFile {
  const most = mostSlots(options);
  const file = openSlots(path, false);
  try {
    return new SlottedSpill(path, file, most, readLeft(path, file));
  } catch (error) {
    file.close();
    throw error;
  }
}

function mostSlots({ hours = 4 }: SpillFileOptions): number {
  if (!(hours >= 0.01 && hours <= 168)) {
    throw new RangeError(`Cannot make a spill file: hours must be 0.01 to 168, got ${hours}`);
  }
  return Math.ceil(framesOf(hours * 3600) / SLOT_FRAMES) + 1;
}

function openSlots(path: string, isNew: boolean): SlotFile {
  if (openPaths.has(resolve(path))) throw inUse(path, "another session of this process");
  try {
    return new SlotFile(path, isNew);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    if (isNew && code === "EEXIST") {
      throw new EverywordError(
        "usage",
        `${path} exists; take its session up again, name another file, or delete it.`,
        { cause: error },
      );
    }
    if (!isNew && code === "ENOENT") {
      throw new EverywordError(
        "input-unreadable",
        `There is no spill file ${path}: a session that lost nothing removes it; check the path.`,
        { cause: error },
      );
    }
    const what = isNew ? "made" : "read";
    throw new EverywordError(
      "input-unreadable",
      `${path} cannot be ${what} (${code ?? messageOf(error)}); check the path and its permissions.`,
      { cause: error },
    );
  }
}

/** Always true: `#audio` is one stretch without a hole; a slot is audio, journal, or free. */
class SlottedSpill implements SpillFile {
  readonly path: string;
  readonly journal: Journal | undefined;
  readonly #file: SlotFile;
  readonly #mostSlots: number;
  readonly #audio: AudioSlot[];
  readonly #free: number[];
  readonly #slab = new Uint8Array(SLAB_BYTES);
  #answered: number;
  #journalSlot = -1;
  #journalSlots: number;
  #journalFilled = SLOT_BYTES;
  #trouble: string | undefined;
  #hasComplained = false;
  #isOver = false;
  #isMissing = false;
  isKept = false;

  constructor(path: string, file: SlotFile, most: number, left: Left | undefined) {
    this.path = resolve(path);
    this.#file = file;
    this.#mostSlots = most;
    this.journal = left?.journal;
    this.#audio = left?.audio ?? [];
    this.#free = left?.free ?? [];
    this.#answered = left?.journal.answeredFrame ?? 0;
    this.#journalSlots = left?.journalSlots ?? 0;
    openPaths.add(this.path);
    this.#append(ownerLine());
  }

  get baseFrame(): number {
    return this.#isOver ? Infinity : (this.#audio[0]?.frame ?? Infinity);
  }

  put(frame: number, bytes: Uint8Array): string | undefined {
    if (!this.#isOver) this.#try(() => this.#put(frame, bytes));
    const trouble = this.#trouble;
    this.#trouble = undefined;
    return trouble;
  }

  get(frame: number): Uint8Array | undefined {
    const first = this.#audio[0];
    if (this.#isOver || first === undefined) return undefined;
    const entry = this.#audio[Math.floor((frame - first.frame) / SLOT_FRAMES)];
    if (entry === undefined) return undefined;
    const offset = (frame - entry.frame) * BYTES_PER_FRAME;
    const slab = this.#slab.subarray(0, Math.max(0, entry.filledBytes - offset));
    try {
      return slab.length > 0 && this.#file.read(entry.slot, offset, slab) ? slab : undefined;
    } catch {
      return undefined;
    }
  }

  release(frame: number): void {
    this.#answered = Math.max(this.#answered, frame);
    for (;;) {
      const first = this.#audio[0];
      if (first === undefined || first.frame + SLOT_FRAMES > this.#answered) return;
      this.#audio.shift();
      this.#free.push(first.slot);
    }
  }

  note(entry: JournalEntry): void {
    if (this.#isOver) return;
    if (entry.type === "gap" && entry.reason === "unanswered") this.#isMissing = true;
    this.#append(writeEntry(entry));
    if (entry.type === "end") this.#end(this.#isMissing);
  }

  close(): void {
    this.#end(true);
  }

  discard(): void {
    this.#end(false);
  }

  #put(frame: number, bytes: Uint8Array): void {
    const start = frame - (frame % SLOT_FRAMES);
    let entry = this.#audio.at(-1);
    if (entry === undefined || entry.frame !== start) {
      entry = { slot: this.#take(), frame: start, filledBytes: 0 };
      this.#audio.push(entry);
      this.#writeHeader(entry);
    }
    const offset = (frame - start) * BYTES_PER_FRAME;
    this.#file.write(entry.slot, offset, bytes);
    entry.filledBytes = offset + bytes.length;
    this.#writeHeader(entry);
  }

  #writeHeader({ slot, frame, filledBytes }: AudioSlot): void {
    const answeredFrame = this.#answered;
    this.#file.writeHeader(slot, { kind: "audio", number: frame, filledBytes, answeredFrame });
  }

  /** A slot to write to: a free one, a new one, or that of the oldest audio. */
  #take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    let why = `${this.path} holds as many hours as it may`;
    if (this.#audio.length < this.#mostSlots) {
      try {
        return this.#file.grow();
      } catch (error) {
        why = `${this.path} cannot grow (${messageOf(error)})`;
      }
    }
    const oldest = this.#audio.shift();
    if (oldest === undefined) throw new Error(why);
    this.#complain(`${why}; from now on the oldest audio in it goes.`);
    return oldest.slot;
  }

  #append(text: string): void {
    this.#try(() => {
      let bytes: Uint8Array = Buffer.from(text, "utf8");
      while (bytes.length > 0) {
        if (this.#journalFilled === SLOT_BYTES) {
          this.#journalSlot = this.#take();
          this.#journalFilled = 0;
          this.#journalSlots += 1;
        }
        const piece = bytes.subarray(0, SLOT_BYTES - this.#journalFilled);
        this.#file.write(this.#journalSlot, this.#journalFilled, piece);
        this.#journalFilled += piece.length;
        this.#file.writeHeader(this.#journalSlot, {
          kind: "journal",
          number: this.#journalSlots,
          filledBytes: this.#journalFilled,
          answeredFrame: this.#answered,
        });
        bytes = bytes.subarray(piece.length);
      }
    });
  }

  /** A file that fails is given up: what it holds may not be what was meant. */
  #try(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#complain(
        `${this.path} failed (${messageOf(error)}); the audio is kept in memory only.`,
      );
      this.#end(false);
    }
  }

  #complain(sentence: string): void {
    if (!this.#hasComplained) this.#trouble = sentence;
    this.#hasComplained = true;
  }

  #end(isKept: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.isKept = isKept;
    openPaths.delete(this.path);
    try {
      if (isKept) this.#file.close();
      else this.#file.remove();
    } catch {
      // It is gone already, or belongs to somebody else now.
    }
  }
}
