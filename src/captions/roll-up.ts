/**
 * Roll-up captions as CEA-608 decoders show them: lines come at the bottom, one at a time, and push
 * the ones before them up; `>> ` says that somebody else speaks. Written as cues that repeat what
 * still stands, so that any player shows it.
 */
import type { Cue, CueWord } from "./cue.ts";
import type { CaptionLimits } from "./presets.ts";

/** What stands before the first line of a speaker. */
export const SPEAKER_CHANGE = ">> ";

/** Whether so many lines can roll. Throws `RangeError` when not. */
export function checkRollUp(lines: number): void {
  if (Number.isInteger(lines) && lines >= 2 && lines <= 4) return;
  throw new RangeError(`Cannot roll captions up: rollUp must be 2, 3 or 4 lines, got ${lines}`);
}

/** Limits for lines that roll: one line a cue, with room for the mark where speakers change. */
export function rollUpLimits(limits: CaptionLimits, marks: boolean): CaptionLimits {
  const room = marks ? SPEAKER_CHANGE.length : 0;
  return { ...limits, maxLineCount: 1, maxLineWidth: Math.max(1, limits.maxLineWidth - room) };
}

interface Line {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly speaker: string | undefined;
  readonly cue: Cue;
}

/** Holds at most `lines` lines. The screen is cleared after a pause. */
export class RollUp {
  readonly #lines: number;
  readonly #pauseSeconds: number;
  readonly #marks: boolean;
  #shown: string[] = [];
  #until = 0;
  #speaker: string | undefined;

  /**
   * @param lines 2 to 4
   * @param marks whether a change of speaker is shown
   * @throws {RangeError} for another number of lines
   */
  constructor(lines: number, pauseSeconds: number, marks: boolean) {
    checkRollUp(lines);
    this.#lines = lines;
    this.#pauseSeconds = pauseSeconds;
    this.#marks = marks;
  }

  /** The cues of the next lines, in order; the last one stays as long as its own cue does. */
  push(cues: readonly Cue[]): Cue[] {
    const lines = cues.flatMap((cue) => linesOf(cue));
    return lines.map((line, index) => {
      if (line.start - this.#until > this.#pauseSeconds) this.#shown = [];
      const isNew = this.#marks && line.speaker !== undefined && line.speaker !== this.#speaker;
      this.#speaker = line.speaker ?? this.#speaker;
      this.#shown = [...this.#shown, isNew ? SPEAKER_CHANGE + line.text : line.text];
      this.#shown = this.#shown.slice(-this.#lines);
      const next = lines[index + 1];
      const stays = next !== undefined && next.start - line.end <= this.#pauseSeconds;
      const end = Math.max(stays ? next.start : line.end, line.start + 0.001);
      this.#until = end;
      const { broken, estimated } = line.cue;
      return {
        start: line.start,
        end,
        lines: this.#shown,
        ...(broken === undefined ? {} : { broken }),
        ...(estimated === undefined ? {} : { estimated }),
      };
    });
  }
}

/** Each line comes with its first word; a line without words gets its share of the cue. */
function linesOf(cue: Cue): Line[] {
  const share = (cue.end - cue.start) / cue.lines.length;
  const starts = cue.lines.map((_, line) => {
    const first = cue.words?.find((word: CueWord) => word.line === line)?.start;
    return line === 0 ? cue.start : Math.max(cue.start, first ?? cue.start + share * line);
  });
  return cue.lines.map((text, line) => {
    const start = starts[line] ?? cue.start;
    const end = starts[line + 1] ?? cue.end;
    return { text, start, end, speaker: cue.speaker, cue };
  });
}
