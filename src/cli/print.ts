/** Printing for as long as somebody reads. */
import type { Writable } from "node:stream";
import { isClosedPipe } from "./exit-code.ts";
import { write } from "./io.ts";

export type Print = (text: string) => Promise<void>;

/**
 * @param onClosed for a run that has more to do than to print: told once that the reader is gone;
 * what is printed behind it is dropped. Without it the printing rejects.
 */
export function printTo(stream: Writable, onClosed?: () => void): Print {
  let isClosed = false;
  return async (text) => {
    if (isClosed || text === "") return;
    try {
      await write(stream, text);
    } catch (error) {
      if (onClosed === undefined || !isClosedPipe(error)) throw error;
      if (!isClosed) onClosed();
      isClosed = true;
    }
  };
}
