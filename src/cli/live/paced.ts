/** A recording at the pace of a talk, so that when somebody says stop, little of it is on its way. */
import { setTimeout as sleep } from "node:timers/promises";

/** 16 kHz, two bytes a sample. */
const BYTES_PER_SECOND = 32_000;

/** How far it may run ahead, so that a late timer starves nobody. */
const LEAD_MS = 500;

export interface Pacing {
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const SYSTEM: Pacing = { now: () => performance.now(), sleep: (ms) => sleep(ms) };

/**
 * The chunks (s16le, 16 kHz, mono), each no earlier than `LEAD_MS` before its turn. A reader that
 * was slow is not made up for: the pace goes on from where it is.
 *
 * @param startMs when the audio began, where it does not wait to be read: what comes behind its
 * time is handed on as it comes.
 */
export async function* paced(
  chunks: AsyncIterator<Uint8Array>,
  pace: number,
  startMs?: number,
  clock: Pacing = SYSTEM,
): AsyncGenerator<Uint8Array, void> {
  // When the audio so far is over, at this pace.
  let dueMs = startMs ?? clock.now();
  try {
    for (;;) {
      const result = await chunks.next();
      if (result.done === true) return;
      const early = dueMs - LEAD_MS - clock.now();
      if (early > 0) await clock.sleep(early);
      yield result.value;
      const lengthMs = (result.value.length / BYTES_PER_SECOND / pace) * 1000;
      dueMs = (startMs === undefined ? Math.max(dueMs, clock.now()) : dueMs) + lengthMs;
    }
  } finally {
    // Not awaited: a source that waits for its next sample would keep us here.
    void chunks.return?.(undefined).catch(() => undefined);
  }
}
