/** Events -> transcript: the final segments in the order in which they became final. */
import { joinTexts, type Gap, type Segment, type Transcript, type Word } from "../../transcript.ts";
import type { SessionEvent } from "./events.ts";

/** Gathers a session's finals and gaps. Grows with the transcript, not with the audio. */
export class TranscriptCollector {
  readonly #segments: { readonly segment: string; readonly words: Word[] }[] = [];
  readonly #gaps: Gap[] = [];
  #duration: number | undefined;

  /** Takes the next event; others than `final`, `gap` and `end` change nothing. */
  push(event: SessionEvent): void {
    if (event.type === "final") {
      const last = this.#segments.at(-1);
      if (last?.segment === event.segment) last.words.push(...event.words);
      else this.#segments.push({ segment: event.segment, words: [...event.words] });
    } else if (event.type === "gap") {
      this.#gaps.push({ start: event.start, end: event.end, reason: event.reason });
    } else if (event.type === "end") {
      this.#duration = event.audioSeconds;
    }
  }

  /** What was said so far; a copy that later events do not change. */
  transcript(): Transcript {
    const times = new Map<string, number>();
    const segments = this.#segments.map(({ segment, words }): Segment => {
      // A segment that grew after a later one began stands twice: the order of the finals rules.
      const time = (times.get(segment) ?? 0) + 1;
      times.set(segment, time);
      return {
        id: time === 1 ? segment : `${segment}.${time}`,
        text: joinTexts(
          words.map((word) => word.text),
          words[0]?.language,
        ),
        start: words.find((word) => word.start !== undefined)?.start,
        end: words.findLast((word) => word.end !== undefined)?.end,
        words,
        language: words[0]?.language,
        speaker: words[0]?.speaker,
      };
    });
    return { segments, gaps: this.#gaps, duration: this.#duration };
  }
}
