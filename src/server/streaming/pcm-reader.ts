/** Binary frames -> samples. A transducer: an odd byte waits for the next frame (W38, P20). Pure. */
import { BYTES_PER_FRAME } from "../../stream/core/wire.ts";

export class PcmReader {
  #odd: number | undefined;

  /** The samples that are complete now. */
  read(bytes: Uint8Array): Int16Array {
    const carried = this.#odd === undefined ? 0 : 1;
    const total = bytes.byteLength + carried;
    const whole = total - (total % BYTES_PER_FRAME);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const samples = new Int16Array(whole / BYTES_PER_FRAME);
    let at = 0;
    let from = 0;
    if (this.#odd !== undefined && samples.length > 0) {
      samples[at++] = (view.getInt8(0) << 8) | this.#odd;
      from = 1;
    }
    for (; at < samples.length; at++, from += BYTES_PER_FRAME) {
      samples[at] = view.getInt16(from, true);
    }
    if (total % BYTES_PER_FRAME === 0) this.#odd = undefined;
    else if (bytes.byteLength > 0) this.#odd = view.getUint8(bytes.byteLength - 1);
    return samples;
  }

  /** Forgets the odd byte. */
  reset(): void {
    this.#odd = undefined;
  }
}
