/**
 * When a cue comes and goes. It comes with its first word. It stays until its last word, longer if
 * it could not be read by then, never into the next cue. What cannot be kept is said.
 */
import type { BrokenLimit, Cue } from "./cue.ts";
import { textWidth } from "./graphemes.ts";
import { leastSeconds, readingSeconds } from "./layout.ts";
import type { CaptionLimits } from "./presets.ts";

/** A file has no shorter time; a cue is never shorter. */
const SHORTEST = 0.001;

/** What a cue keeps under the next one when both come at once. */
const GLIMPSE = 0.25;

/** One frame: nobody sees less. */
const BLINK = 0.04;

/** Less than this is rounding, not a broken limit. */
const TOLERANCE = 0.0015;

/** Characters of CEA-608: the basic set, the special and the extended Western European ones. */
const CEA608 = /^[ -~\u{A0}-\u{FF}‘’“”•…—™♪─█┌┐└┘ŒœŸ]*$/u;

/**
 * Gives cues their times. Takes them with the times of their words; returns them ordered by start,
 * each ending after it starts.
 */
export function settleCues(cues: readonly Cue[], limits: CaptionLimits): Cue[] {
  const ordered = cues.toSorted((a, b) => a.start - b.start);
  return ordered.map((cue, index) => settleCue(cue, ordered[index + 1], limits));
}

function settleCue(cue: Cue, next: Cue | undefined, limits: CaptionLimits): Cue {
  const words = countWords(cue);
  const width = cueWidth(cue);
  const least = leastSeconds(words, limits);
  const reading = readingSeconds(width, words, limits);
  const { start } = cue;
  const spoken = Math.max(cue.end, start + SHORTEST);
  const wanted = Math.min(
    Math.max(spoken, start + least, start + reading),
    Math.max(start + limits.maxDurationSeconds, spoken),
  );
  const latest = (next?.start ?? Infinity) - limits.gapSeconds;
  let end = wanted;
  const chain = latest - wanted;
  if (chain > 0 && chain + limits.gapSeconds < limits.chainSeconds) {
    end = Math.min(latest, Math.max(wanted, start + limits.maxDurationSeconds));
  } else if (latest < wanted) {
    end = latest;
  }
  const seen = start + Math.max(GLIMPSE, least / 2);
  // Two people at once: who cannot be read before the other begins stays until the last word, under the other.
  const talkedOver =
    next !== undefined && next.speaker !== cue.speaker && next.start < cue.end - GLIMPSE;
  if (talkedOver && latest - start < Math.max(least, reading)) end = Math.max(end, cue.end);
  // Quick turns, or times that coincide: each is seen for a moment at least.
  if (next !== undefined && latest < (next.speaker === cue.speaker ? start + BLINK : wanted)) {
    end = Math.max(end, seen);
  }
  end = Math.max(end, Math.min(spoken, seen), start + SHORTEST);
  const settled = { ...cue, start, end };
  const broken = brokenLimits(settled, next, limits);
  return broken.length > 0 ? { ...settled, broken } : settled;
}

function brokenLimits(cue: Cue, next: Cue | undefined, limits: CaptionLimits): BrokenLimit[] {
  const broken: BrokenLimit[] = [];
  const duration = cue.end - cue.start;
  const words = countWords(cue);
  const width = cueWidth(cue);
  const hurried =
    next === undefined ? "the cue is as long as it may be" : "the next words follow too soon";
  const least = leastSeconds(words, limits);
  if (duration < least - TOLERANCE) {
    broken.push({ limit: "min-duration", value: duration, allowed: least, reason: hurried });
  }
  if (duration > limits.maxDurationSeconds + TOLERANCE) {
    const reason = "one word lasts longer";
    broken.push({
      limit: "max-duration",
      value: duration,
      allowed: limits.maxDurationSeconds,
      reason,
    });
  }
  if (duration < readingSeconds(width, words, limits) - TOLERANCE) {
    const perMinute =
      width / limits.maxCharactersPerSecond < (words * 60) / limits.maxWordsPerMinute;
    broken.push({
      limit: "reading-speed",
      value: perMinute ? (words * 60) / duration : width / duration,
      allowed: perMinute ? limits.maxWordsPerMinute : limits.maxCharactersPerSecond,
      reason: "the speech is faster than the limit",
    });
  }
  if (next !== undefined) {
    const gap = next.start - cue.end;
    const reason =
      next.speaker === cue.speaker
        ? "the words come at the same time"
        : "two speakers talk at once";
    if (gap < -TOLERANCE) broken.push({ limit: "overlap", value: -gap, allowed: 0, reason });
    else if (gap < limits.gapSeconds - TOLERANCE) {
      broken.push({
        limit: "gap",
        value: gap,
        allowed: limits.gapSeconds,
        reason: "the next words follow too soon",
      });
    }
  }
  if (limits.westernOnly && !cue.lines.every((line) => CEA608.test(line))) {
    const foreign = cue.lines.reduce(
      (sum, line) => sum + Array.from(line).filter((c) => !CEA608.test(c)).length,
      0,
    );
    const reason = "the text is not in a Western script";
    broken.push({ limit: "characters", value: foreign, allowed: 0, reason });
  }
  return broken;
}

/** Columns of all lines together: what a reader has to read. */
export function cueWidth(cue: Cue): number {
  return cue.lines.reduce((sum, line) => sum + textWidth(line), 0);
}

/** Words of a cue; for a cue read from a file, stretches without white space. */
export function countWords(cue: Cue): number {
  return (
    cue.words?.length ??
    cue.lines
      .join(" ")
      .split(/\s+/u)
      .filter((word) => word !== "").length
  );
}
