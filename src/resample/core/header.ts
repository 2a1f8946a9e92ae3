/**
 * Reading a container's header from bytes that come in any cut. A parser is a generator that asks
 * for bytes or has them skipped; {@link HeaderReader} feeds it. Nothing is kept but what was asked
 * for, so that a declared size of 4 GB costs nothing.
 */
import { type PcmFormat } from "./format.ts";

/** What a parser wants next: `take` bytes handed to it, or `skip` bytes dropped. */
export type Want = { readonly take: number } | { readonly skip: number };

/** A parser: gets what it asked for (or fewer bytes when the input ended), returns the header. */
export type HeaderParser = Generator<Want, PcmHeader, Uint8Array>;

/** What a header says about the PCM that follows it. */
export interface PcmHeader {
  /** "wav", "rf64", "bw64", "w64", … */
  readonly container: string;
  readonly format: PcmFormat;
  /** Bytes of PCM as declared; undefined: to the end of the input. */
  readonly dataBytes: number | undefined;
}

/** Audio that cannot be read; the reason is a clause that a driver completes to a sentence. */
export class FormatFault extends Error {
  override readonly name = "FormatFault";
}

/** Most bytes that a parser may ask for at once. */
const MOST_TAKEN = 4_096;

/** Feeds a parser. After {@link push} returned a header, {@link rest} is the first of the PCM. */
export class HeaderReader {
  readonly #parser: HeaderParser;
  #want: Want;
  #kept = new Uint8Array(0);
  #skipped = 0;
  #rest: Uint8Array = new Uint8Array(0);
  #header: PcmHeader | undefined;

  constructor(parser: HeaderParser) {
    this.#parser = parser;
    this.#want = { take: 0 };
    this.#step(new Uint8Array(0));
  }

  /** Bytes of the last push that belong to the PCM. */
  get rest(): Uint8Array {
    return this.#rest;
  }

  /**
   * Takes any number of bytes.
   * @returns the header once it is complete
   * @throws {FormatFault} when this is no header that can be read
   */
  push(bytes: Uint8Array): PcmHeader | undefined {
    let left = bytes;
    while (this.#header === undefined) {
      if ("skip" in this.#want) {
        const dropped = Math.min(this.#want.skip - this.#skipped, left.length);
        this.#skipped += dropped;
        left = left.subarray(dropped);
        if (this.#skipped < this.#want.skip) return undefined;
        this.#step(new Uint8Array(0));
      } else {
        const missing = this.#want.take - this.#kept.length;
        const taken = left.subarray(0, missing);
        left = left.subarray(taken.length);
        this.#kept = concat(this.#kept, taken);
        if (this.#kept.length < this.#want.take) return undefined;
        this.#step(this.#kept);
      }
    }
    this.#rest = left;
    return this.#header;
  }

  /** The input is over before the header was: the parser says what that means. */
  end(): PcmHeader {
    this.#step("take" in this.#want ? this.#kept : new Uint8Array(0));
    if (this.#header !== undefined) return this.#header;
    throw new FormatFault("it ends inside its header");
  }

  #step(bytes: Uint8Array): void {
    const { done, value } = this.#parser.next(bytes);
    this.#kept = new Uint8Array(0);
    this.#skipped = 0;
    if (done === true) this.#header = value;
    else if ("take" in value && value.take > MOST_TAKEN) {
      throw new FormatFault(`its header claims a block of ${value.take} bytes`);
    } else this.#want = value;
  }
}

/** Two byte strings as one; the second is copied, so that its owner may reuse it. */
export function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** Asks for `count` bytes as a view; throws when the input ends before. */
export function* take(count: number): Generator<Want, DataView, Uint8Array> {
  const bytes = yield { take: count };
  if (bytes.length < count) throw new FormatFault("it ends inside its header");
  return new DataView(bytes.buffer, bytes.byteOffset, count);
}

/** Letters of a four-character code. */
export function code(view: DataView, offset: number): string {
  return String.fromCodePoint(
    view.getUint8(offset),
    view.getUint8(offset + 1),
    view.getUint8(offset + 2),
    view.getUint8(offset + 3),
  );
}
