import { Aligner } from "./aligner.ts";
import { cutLoops } from "./core/loop-guard.ts";
import type { TimedText } from "./core/spread.ts";
import type { DecodeReply, DecodeRequest, DecoderSetup } from "./messages.ts";
import { loadRuntime, type OfflineRecognizer } from "./runtime.ts";

const SAMPLE_RATE = 16_000;

/** Turns one piece of audio into words. Holds the weights and, once needed, the aligner. */
export class Decoder {
  readonly #recognizer: OfflineRecognizer;
  readonly #align: boolean;
  #aligner: Promise<Aligner> | undefined;

  constructor(setup: DecoderSetup) {
    this.#recognizer = new (loadRuntime().OfflineRecognizer)(setup.recognizer);
    this.#align = setup.align;
  }

  /** Loads the aligner ahead of the first final. */
  async warmUp(): Promise<void> {
    if (this.#align) await this.#loadAligner();
  }

  async decode(request: DecodeRequest): Promise<DecodeReply> {
    const started = performance.now();
    const samples = Float32Array.from(request.samples, (sample) => sample / 32_768);
    const words = this.#recognize(samples);
    let timed: readonly TimedText[] = words.map((text) => ({ text }));
    if (request.final && this.#align && words.length > 0) {
      const aligner = await this.#loadAligner();
      timed = aligner.align(words, samples, request.audioFrame);
    }
    return { words: timed, busyMs: performance.now() - started };
  }

  #recognize(samples: Float32Array): readonly string[] {
    const stream = this.#recognizer.createStream();
    stream.acceptWaveform({ samples, sampleRate: SAMPLE_RATE });
    this.#recognizer.decode(stream);
    const words = this.#recognizer.getResult(stream).text.split(/\s+/u).filter(hasLetters);
    return cutLoops(words, samples.length / SAMPLE_RATE);
  }

  #loadAligner(): Promise<Aligner> {
    this.#aligner ??= Aligner.load();
    return this.#aligner;
  }
}

/** A lone dash or dot is no word. */
function hasLetters(word: string): boolean {
  return /[\p{L}\p{N}&%@#$£€+=]/u.test(word);
}
