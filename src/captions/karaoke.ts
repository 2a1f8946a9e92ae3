/** One cue for each word that is said, so that a player without word times can show them. */
import type { Cue } from "./cue.ts";

/**
 * Repeats each cue for every of its words with `highlight` set, and once without between two words
 * (whisper's `--highlight_words`). Cues without words stay as they are. The time of a cue behind its
 * last word is a further repetition, so that the text stays as long as it did.
 */
export function highlightWords(cues: readonly Cue[]): Cue[] {
  return cues.flatMap((cue) => {
    const { words } = cue;
    if (words === undefined || words.length === 0) return [cue];
    const steps: Cue[] = [];
    let reached = Math.round(cue.start * 1000);
    const plain = (until: number): void => {
      if (until > reached) steps.push({ ...cue, start: reached / 1000, end: until / 1000 });
      reached = Math.max(reached, until);
    };
    words.forEach((word, highlight) => {
      const start = Math.max(reached, Math.round(word.start * 1000));
      const end = Math.min(Math.round(word.end * 1000), Math.round(cue.end * 1000));
      if (end <= start) return;
      plain(start);
      steps.push({ ...cue, start: start / 1000, end: end / 1000, highlight });
      reached = end;
    });
    plain(Math.round(cue.end * 1000));
    return steps.length > 0 ? steps : [cue];
  });
}
