/**
 * A file of slots of one size, each with a header that says what is in it. A slot that is not needed
 * any more is used again, so the file is as large as what it held at most. What was written is there
 * after the process was killed, in the order in which it was written; nothing is forced to the disk,
 * so a machine that loses power may lose the last seconds.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { BYTES_PER_FRAME } from "./core/wire.ts";

const HEADER_BYTES = 32;
/** What a slot holds: two seconds of audio. */
export const SLOT_BYTES = 64_000;
export const SLOT_FRAMES = SLOT_BYTES / BYTES_PER_FRAME;
const STRIDE = HEADER_BYTES + SLOT_BYTES;
/** "EWS1": the format and its version. */
const MAGIC = 0x45575331;

export interface SlotHeader {
  readonly kind: "audio" | "journal";
  /** The first frame of audio; the place in the journal. */
  readonly number: number;
  readonly filledBytes: number;
  /** What had been answered for good when it was written. */
  readonly answeredFrame: number;
}

/** Every method throws what the file system throws. */
export class SlotFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #header = new DataView(new ArrayBuffer(HEADER_BYTES));
  #count: number;

  /** @param isNew the file must not exist yet; only its owner may read it. */
  constructor(path: string, isNew: boolean) {
    this.#path = path;
    this.#fd = openSync(path, isNew ? "wx+" : "r+", 0o600);
    this.#count = Math.floor(fstatSync(this.#fd).size / STRIDE);
  }

  get slots(): number {
    return this.#count;
  }

  /** One more slot, with its place on the disk. @returns its number. */
  grow(): number {
    const at = this.#count * STRIDE;
    try {
      this.#writeAll(new Uint8Array(STRIDE), at);
    } catch (error) {
      ftruncateSync(this.#fd, at);
      throw error;
    }
    this.#count += 1;
    return this.#count - 1;
  }

  write(slot: number, offset: number, bytes: Uint8Array): void {
    this.#writeAll(bytes, slot * STRIDE + HEADER_BYTES + offset);
  }

  /** Fills `into`. @returns whether there was enough. */
  read(slot: number, offset: number, into: Uint8Array): boolean {
    return this.#readAll(into, slot * STRIDE + HEADER_BYTES + offset);
  }

  writeHeader(slot: number, header: SlotHeader): void {
    const view = this.#header;
    view.setUint32(0, MAGIC);
    view.setUint32(4, header.kind === "audio" ? 1 : 2);
    view.setFloat64(8, header.number);
    view.setFloat64(16, header.answeredFrame);
    view.setUint32(24, header.filledBytes);
    this.#writeAll(new Uint8Array(view.buffer), slot * STRIDE);
  }

  /** `undefined` = nothing was ever written there. */
  readHeader(slot: number): SlotHeader | undefined {
    const view = this.#header;
    if (!this.#readAll(new Uint8Array(view.buffer), slot * STRIDE)) return undefined;
    if (view.getUint32(0) !== MAGIC) return undefined;
    const filledBytes = view.getUint32(24);
    const number = view.getFloat64(8);
    const answeredFrame = view.getFloat64(16);
    if (!(number >= 0 && answeredFrame >= 0 && filledBytes <= SLOT_BYTES)) return undefined;
    return {
      kind: view.getUint32(4) === 1 ? "audio" : "journal",
      number,
      filledBytes,
      answeredFrame,
    };
  }

  close(): void {
    closeSync(this.#fd);
  }

  remove(): void {
    this.close();
    unlinkSync(this.#path);
  }

  #writeAll(bytes: Uint8Array, at: number): void {
    let done = 0;
    while (done < bytes.length)
      done += writeSync(this.#fd, bytes, done, bytes.length - done, at + done);
  }

  #readAll(bytes: Uint8Array, at: number): boolean {
    let done = 0;
    while (done < bytes.length) {
      const count = readSync(this.#fd, bytes, done, bytes.length - done, at + done);
      if (count === 0) return false;
      done += count;
    }
    return true;
  }
}
