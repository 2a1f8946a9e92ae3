/** The clock and the one timer that all sessions of the process share. */
import { TimerWheel } from "./timer-wheel.ts";

/** Milliseconds that only grow. */
export const now = (): number => performance.now();

export const wheel = new TimerWheel(now);
