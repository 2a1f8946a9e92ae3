import { Aligner } from "./aligner.ts";
import { cutLoops } from "./core/loop-guard.ts";
import { timeByTokens } from "./core/token-times.ts";
import type { DecodeReply, DecodeRequest, DecoderSetup } from "./messages.ts";
import { loadRuntime, type OfflineRecognizer, type OfflineResult } from "./runtime.ts";

const SAMPLE_RATE = 16_000;
/** Silence put behind each piece: without it the recognizer goes on talking at some cut ends. */
const TAIL_FRAMES = 3_200;

/** Turns one piece of audio into words. Holds the weights and, once needed, the aligner. */
export class Decoder {
  readonly #recognizer: OfflineRecognizer;
  readonly #align: boolean;
  #aligner: Promise<Aligner> | undefined;

  constructor(setup: DecoderSetup) {
    this.#recognizer = new (loadRuntime().OfflineRecognizer)(setup.recognizer);
    this.#align = setup.align;
  }

  /** One decode and the aligner, so that the first piece is not slower than the next. */
  async warmUp(): Promise<void> {
    this.#recognize(new Float32Array(SAMPLE_RATE));
    if (this.#align) await this.#loadAligner();
  }

  async decode(request: DecodeRequest): Promise<DecodeReply> {
    const started = performance.now();
    const samples = Float32Array.from(request.samples, (sample) => sample / 32_768);
    const { text, tokens = [], timestamps = [] } = this.#recognize(samples);
    const words = cutLoops(text.split(/\s+/u).filter(hasLetters), samples.length / SAMPLE_RATE);
    let timed = timeByTokens(words, tokens, timestamps, request.audioFrame);
    if (timed === undefined && request.final && this.#align && words.length > 0) {
      const aligner = await this.#loadAligner();
      timed = aligner.align(words, samples, request.audioFrame);
    }
    timed ??= words.map((word) => ({ text: word }));
    return { words: timed, busyMs: performance.now() - started };
  }

  #recognize(samples: Float32Array): OfflineResult {
    const stream = this.#recognizer.createStream();
    const padded = new Float32Array(samples.length + TAIL_FRAMES);
    padded.set(samples);
    stream.acceptWaveform({ samples: padded, sampleRate: SAMPLE_RATE });
    this.#recognizer.decode(stream);
    return this.#recognizer.getResult(stream);
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
