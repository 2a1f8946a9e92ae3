/** Seconds as subtitle formats write them. All arithmetic is on whole milliseconds. */
import type { Cue } from "./cue.ts";

/** `[hours:]minutes:seconds` and three decimals behind `mark`. Hours have two digits, or as many as they need. */
export function formatTimestamp(
  milliseconds: number,
  mark: "." | ",",
  hours: "always" | "needed",
): string {
  const whole = Math.max(0, Math.round(milliseconds));
  const thousandths = String(whole % 1000).padStart(3, "0");
  const seconds = String(Math.floor(whole / 1000) % 60).padStart(2, "0");
  const minutes = String(Math.floor(whole / 60_000) % 60).padStart(2, "0");
  const hour = Math.floor(whole / 3_600_000);
  const lead = hours === "always" || hour > 0 ? `${String(hour).padStart(2, "0")}:` : "";
  return `${lead}${minutes}:${seconds}${mark}${thousandths}`;
}

/** A cue that is fit to be written: whole milliseconds, not empty, after the one before it. */
export interface TimedCue {
  readonly cue: Cue;
  readonly startMs: number;
  readonly endMs: number;
}

/** Rounds the times of cues so that starts never fall and each ends after it starts; drops cues without text. */
export function* timeCues(cues: Iterable<Cue>, floorMs = 0): Generator<TimedCue> {
  let floor = floorMs;
  for (const cue of cues) {
    if (cue.lines.every((line) => line.trim() === "")) continue;
    const startMs = Math.max(floor, toMs(cue.start));
    const endMs = Math.max(startMs + 1, toMs(cue.end));
    floor = startMs;
    yield { cue, startMs, endMs };
  }
}

/** Seconds to whole milliseconds; what is not a time counts as 0. */
export function toMs(seconds: number): number {
  return Number.isFinite(seconds) ? Math.max(0, Math.round(seconds * 1000)) : 0;
}
