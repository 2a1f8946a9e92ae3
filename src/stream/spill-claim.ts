import type { Spill } from "./core/spill.ts";

/** Each belongs to one session: two would write over each other's audio, and the first to end removes it. */
const claimed = new WeakSet<Spill>();

/** @throws TypeError for one that another session has, or had. */
export function claimSpill(spill: Spill | undefined): void {
  if (spill === undefined) return;
  if (claimed.has(spill)) {
    throw new TypeError(
      "Cannot open a session: spill must be one that no session had before, got one that was used",
    );
  }
  claimed.add(spill);
}
