import { cutLoops } from "./core/loop-guard.ts";
import { timeByTokens } from "./core/token-times.ts";
import type { DecodeRequest, DecoderSetup, WordsReply } from "./messages.ts";
import { loadRuntime, type OfflineResult, type Runtime } from "./runtime.ts";

const SAMPLE_RATE = 16_000;
/** Silence put behind each piece: without it the recognizer goes on talking at some cut ends. */
const TAIL_FRAMES = 3_200;

/** Turns one piece of audio into words, with times where the kind of model gives them. */
export class Decoder {
  readonly #recognizePadded: (samples: Float32Array) => OfflineResult;

  /** Decodes once, so that the first piece is not slower than the next. */
  constructor(setup: DecoderSetup, runtime: Runtime = loadRuntime()) {
    this.#recognizePadded = runtime.createRecognizer(setup.recognizer);
    this.#recognize(new Float32Array(SAMPLE_RATE));
  }

  decode(request: DecodeRequest): WordsReply {
    const started = performance.now();
    const samples = Float32Array.from(request.samples, (sample) => sample / 32_768);
    const { text, tokens = [], timestamps = [] } = this.#recognize(samples);
    const texts = cutLoops(text.split(/\s+/u).filter(hasLetters), samples.length / SAMPLE_RATE);
    const timed = timeByTokens(texts, tokens, timestamps, request.audioFrame);
    const words = timed ?? texts.map((word) => ({ text: word }));
    return { words, busyMs: performance.now() - started };
  }

  #recognize(samples: Float32Array): OfflineResult {
    const padded = new Float32Array(samples.length + TAIL_FRAMES);
    padded.set(samples);
    return this.#recognizePadded(padded);
  }
}

/** A lone dash or dot is no word. */
function hasLetters(word: string): boolean {
  return /[\p{L}\p{N}&%@#$£€+=]/u.test(word);
}
