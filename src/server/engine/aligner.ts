/**
 * Word times by forced alignment: the text is known, the aligner finds where each word lies. Runs
 * in a process of its own, so that the next piece is decoded meanwhile.
 */
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import type { Decoder } from "soundswallower";
import { guessPronunciation } from "./core/pronounce.ts";
import { spellOut } from "./core/spell.ts";
import type { TimedText } from "./core/spread.ts";
import type { AlignRequest, WordsReply } from "./messages.ts";

const SAMPLE_RATE = 16_000;
/** The aligner puts a `(2)` behind the second pronunciation of a word, and so on. */
const VARIANT = /\(\d+\)$/u;
/** Words with a guessed pronunciation that are kept; later new ones get no time of their own. */
const MOST_GUESSED = 5_000;

/** How one written word is said. */
interface Saying {
  readonly text: string;
  readonly words: readonly string[];
  readonly guessed: boolean;
}

export class Aligner {
  readonly #decoder: Decoder;
  readonly #guessed = new Set<string>();

  private constructor(decoder: Decoder) {
    this.#decoder = decoder;
  }

  static async load(): Promise<Aligner> {
    const require = createRequire(import.meta.url);
    const directory = join(dirname(require.resolve("soundswallower")), "model") + sep;
    const { default: createModule } = await import("soundswallower");
    const module = await createModule({
      modelBase: directory,
      print: () => undefined,
      printErr: () => undefined,
    } as Parameters<typeof createModule>[0]);
    // "batch" normalizes each piece by itself, so that times do not depend on what came before.
    const decoder = new module.Decoder({ loglevel: "FATAL", samprate: SAMPLE_RATE, cmn: "batch" });
    await decoder.initialize();
    return new Aligner(decoder);
  }

  /**
   * Finds each word in the audio. Words that were not found come back without frames; all do when
   * the text does not fit the sound.
   */
  align(request: AlignRequest): WordsReply {
    const started = performance.now();
    const samples = Float32Array.from(request.samples, (sample) => sample / 32_768);
    const words = this.#find(request.words, samples, request.audioFrame);
    return { words, busyMs: performance.now() - started };
  }

  #find(words: readonly string[], samples: Float32Array, audioFrame: number): TimedText[] {
    const sayings = words.map((text) => this.#say(text));
    const said = sayings.flatMap((saying) => saying.words);
    const spans = said.length === 0 ? undefined : this.#spans(said, samples);
    if (spans === undefined) return words.map((text) => ({ text }));
    let at = 0;
    return sayings.map(({ text, words: parts, guessed }) => {
      const first = spans[at];
      const last = spans[at + parts.length - 1];
      at += parts.length;
      if (parts.length === 0 || first === undefined || last === undefined) return { text };
      return {
        text,
        startFrame: audioFrame + first.startFrame,
        endFrame: audioFrame + last.endFrame,
        guessed,
      };
    });
  }

  #say(text: string): Saying {
    let guessed = false;
    const words: string[] = [];
    for (const word of spellOut(text)) {
      if (!this.#learn(word)) continue;
      guessed ||= this.#guessed.has(word);
      words.push(word);
    }
    return { text, words, guessed };
  }

  /** Makes sure that the aligner has a pronunciation of the word. */
  #learn(word: string): boolean {
    if ((this.#decoder.lookup_word(word) as string | null) !== null) return true;
    const phones = guessPronunciation(word);
    if (phones === undefined || this.#guessed.size >= MOST_GUESSED) return false;
    this.#decoder.add_words([word, phones]);
    this.#guessed.add(word);
    return true;
  }

  #spans(
    said: readonly string[],
    samples: Float32Array,
  ): { startFrame: number; endFrame: number }[] | undefined {
    try {
      this.#decoder.set_align_text(said.join(" "));
      this.#decoder.start();
      this.#decoder.process_audio(samples, false, true);
      this.#decoder.stop();
    } catch {
      // It throws for a text it cannot make a path for: the caller estimates instead.
      return undefined;
    }
    const found = (this.#decoder.get_alignment({}).w ?? []).filter(({ t }) => /^[a-z']/u.test(t));
    const fits =
      found.length === said.length &&
      found.every(({ t }, index) => t.replace(VARIANT, "") === said[index]);
    if (!fits) return undefined;
    return found.map(({ b, d }) => ({
      startFrame: Math.round(b * SAMPLE_RATE),
      endFrame: Math.round((b + d) * SAMPLE_RATE),
    }));
  }
}
