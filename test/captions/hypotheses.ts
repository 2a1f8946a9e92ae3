/** A recognizer that changes its mind: events of a session with a seed, and what was really said. */
import type { HypothesisEvent } from "../../src/captions/stabilizer.ts";
import type { Word } from "../../src/transcript.ts";
import { seeded } from "./generate.ts";

export interface TimedEvent {
  readonly nowMs: number;
  readonly event: HypothesisEvent;
}

export interface Talk {
  readonly events: readonly TimedEvent[];
  /** The words of the finals, in order. */
  readonly said: readonly Word[];
}

export interface TalkOptions {
  /** Chance that a word in the last second of a hypothesis is wrong. 0: hypotheses only grow. */
  readonly errors: number;
}

const WORDS = "no yes the harbor was dark and cold when boats came in again two two three".split(
  " ",
);

export function generateTalk(seed: number, { errors }: TalkOptions): Talk {
  const random = seeded(seed);
  const pick = (): string => WORDS[Math.floor(random() * WORDS.length)] ?? "";
  const events: TimedEvent[] = [];
  const said: Word[] = [];
  let clock = 0;
  for (let segment = 0; segment < 5; segment += 1) {
    const words = Array.from({ length: 1 + Math.floor(random() * 14) }, (): Word => {
      const start = clock;
      clock += 0.15 + random() * 0.4;
      return { text: pick(), start, end: clock };
    });
    const id = `1:${segment}`;
    let final = 0;
    const begin = words[0]?.start ?? 0;
    for (let now = begin + 0.4; now < clock + 0.8; now += 0.4) {
      const heard = words.filter((word) => (word.end ?? 0) <= now);
      if (random() < 0.15 && heard.length > final + 3) {
        const part = heard.slice(final, heard.length - 2);
        events.push({ nowMs: now * 1000, event: { type: "final", segment: id, words: part } });
        said.push(...part);
        final += part.length;
      }
      const rest = heard.slice(final).map((word) => {
        const recent = (word.end ?? 0) > now - 1;
        const text =
          recent && random() < errors
            ? pick()
            : random() < errors
              ? word.text.toUpperCase()
              : word.text;
        return { ...word, text };
      });
      const cut = random() < errors ? rest.slice(0, -1) : rest;
      events.push({ nowMs: now * 1000, event: { type: "interim", segment: id, words: cut } });
    }
    clock += 1;
    const rest = words.slice(final);
    events.push({ nowMs: clock * 1000, event: { type: "final", segment: id, words: rest } });
    said.push(...rest);
  }
  return { events, said };
}
