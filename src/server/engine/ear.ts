import type { EarSetup } from "./messages.ts";
import { WINDOW_FRAMES } from "./core/segmenter.ts";
import { type Runtime, type VoiceDetector, loadRuntime } from "./runtime.ts";

/** Detectors of ended streams that are kept for the next ones: making one takes a tenth of a second. */
const MOST_SPARE = 4;
/** The detector collects the speech it hears; when it goes on for this long, it is told to let go. */
const MOST_COLLECTED_WINDOWS = 128;
/** More than it ever collects: it reports on stderr when it has to grow. */
const BUFFER_SECONDS = 10;

interface Listener {
  readonly detector: VoiceDetector;
  /** Windows of speech since it last let go. */
  collected: number;
}

/** Judges windows of many streams, each with a voice detector of its own (some 10 MB). */
export class Ear {
  readonly #setup: EarSetup;
  readonly #runtime: Runtime;
  readonly #listeners = new Map<number, Listener>();
  readonly #spare: VoiceDetector[] = [];

  constructor(setup: EarSetup, runtime: Runtime = loadRuntime()) {
    this.#setup = setup;
    this.#runtime = runtime;
    this.#spare.push(this.#makeDetector());
  }

  /** @returns one flag for each whole window of `samples`: 1 for speech. */
  detect(stream: number, samples: Int16Array): Uint8Array {
    const listener = this.#listener(stream);
    const flags = new Uint8Array(Math.floor(samples.length / WINDOW_FRAMES));
    const window = new Float32Array(WINDOW_FRAMES);
    for (let index = 0; index < flags.length; index += 1) {
      const from = index * WINDOW_FRAMES;
      for (let offset = 0; offset < WINDOW_FRAMES; offset += 1) {
        window[offset] = (samples[from + offset] ?? 0) / 32_768;
      }
      listener.detector.acceptWaveform(window);
      const speech = listener.detector.isDetected();
      flags[index] = speech ? 1 : 0;
      listener.collected = speech ? listener.collected + 1 : 0;
      if (listener.collected === MOST_COLLECTED_WINDOWS) {
        listener.detector.flush();
        listener.collected = 0;
      }
      while (!listener.detector.isEmpty()) listener.detector.pop();
    }
    return flags;
  }

  forget(stream: number): void {
    const listener = this.#listeners.get(stream);
    if (listener === undefined) return;
    this.#listeners.delete(stream);
    listener.detector.reset();
    if (this.#spare.length < MOST_SPARE) this.#spare.push(listener.detector);
  }

  #listener(stream: number): Listener {
    const known = this.#listeners.get(stream);
    if (known !== undefined) return known;
    const listener = { detector: this.#spare.pop() ?? this.#makeDetector(), collected: 0 };
    this.#listeners.set(stream, listener);
    return listener;
  }

  #makeDetector(): VoiceDetector {
    // Pauses and lengths are judged by the segmenter: here every window speaks for itself. The
    // runtime takes 0 for "not set", so the shortest it knows is a millisecond.
    const sileroVad = {
      model: this.#setup.vad,
      threshold: this.#setup.threshold,
      minSilenceDuration: 0.001,
      minSpeechDuration: 0.001,
      maxSpeechDuration: 1e6,
      windowSize: WINDOW_FRAMES,
    };
    return this.#runtime.createDetector(
      { sileroVad, sampleRate: 16_000, numThreads: 1, debug: 0 },
      BUFFER_SECONDS,
    );
  }
}
