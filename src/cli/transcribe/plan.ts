/** The whole run, checked before any work. */
import type { FormatOptions } from "../../captions/formats.ts";
import { toCues } from "../../captions/cues.ts";
import { EverywordError } from "../../errors.ts";
import type { ChunkOptions } from "../../resample/options.ts";
import { captionOptionsFrom } from "../caption-options.ts";
import { parseClock } from "../clock-time.ts";
import { extensionOf } from "../formats.ts";
import { chunkOptionsFrom, splitsChannels } from "../input-options.ts";
import { outputWishes } from "../output-options.ts";
import { planOutputs, type Plan } from "../output-plan.ts";
import type { Values } from "../parse.ts";
import { languageFrom, speakersFrom } from "../service-options.ts";

export interface RunPlan {
  readonly files: readonly Plan[];
  readonly jsonl: boolean;
  readonly failFast: boolean;
  /** Inputs at once; `undefined`: what suits the route. */
  readonly jobs: number | undefined;
  readonly skipExisting: boolean;
  readonly captions: FormatOptions;
  readonly chunkOptions: ChunkOptions;
  readonly splitChannels: boolean;
  readonly translate: boolean;
  readonly language: string | undefined;
  readonly prompt: string | undefined;
  readonly temperature: number | undefined;
  readonly diarize: boolean;
  readonly minSpeakers: number | undefined;
  readonly maxSpeakers: number | undefined;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly via: "stream" | "sync" | undefined;
}

/** @throws EverywordError `usage` for everything that can be known to be wrong already. */
export function planRun(values: Values, inputs: readonly string[]): RunPlan {
  const jsonl = values.flag("jsonl");
  const wishes = outputWishes(values, !jsonl, extensionOf);
  if (jsonl && wishes.directory === "-") {
    throw new EverywordError("usage", "--jsonl and -o - both want standard output; choose one.");
  }
  const captions = captionOptionsFrom(values);
  checkCaptions(captions);
  const skipExisting = values.flag("skip-existing");
  if (skipExisting && (wishes.directory === "-" || wishes.formats.length === 0)) {
    throw new EverywordError("usage", "--skip-existing needs files to look at: add -f or -o.");
  }
  const clip = clipFrom(values);
  return {
    files: planOutputs(inputs, wishes),
    jsonl,
    failFast: values.flag("fail-fast"),
    jobs: values.integer("jobs", 1, 32),
    skipExisting,
    captions,
    chunkOptions: chunkOptionsFrom(values, true),
    splitChannels: splitsChannels(values),
    translate: values.text("task") === "translate",
    language: languageFrom(values),
    prompt: values.text("prompt"),
    temperature: values.number("temperature", 0, 1),
    ...speakersFrom(values),
    ...clip,
    via: values.text("via") as "stream" | "sync" | undefined,
  };
}

/**
 * Told before any work: neither the local recognizer nor a stream translates or tells speakers apart.
 *
 * @throws EverywordError `usage`
 */
export function checkRoute(plan: RunPlan, isEmbedded: boolean): void {
  const wish = plan.translate ? "--task translate" : plan.diarize ? "--diarize" : undefined;
  if (wish === undefined || (!isEmbedded && plan.via !== "stream")) return;
  throw new EverywordError(
    "usage",
    isEmbedded
      ? `The local recognizer cannot do ${wish}; give --server URL, or a key for the hosted service.`
      : `A stream cannot do ${wish}; leave out --via stream.`,
  );
}

/** Limits that no caption can keep are told now, not behind an hour of audio. */
function checkCaptions(options: FormatOptions): void {
  toCues({ segments: [] }, options);
}

/** `--start`, `--end`, or whisper's `--clip_timestamps START,END`. */
function clipFrom(values: Values): Pick<RunPlan, "startSeconds" | "endSeconds"> {
  const clip = values.text("clip-timestamps")?.split(",") ?? [];
  if (clip.length > 2) {
    throw new EverywordError("usage", "--clip-timestamps takes one stretch here: START,END.");
  }
  const start = values.text("start") ?? clip[0];
  const end = values.text("end") ?? clip[1];
  const startSeconds = start === undefined ? 0 : parseClock("start", start);
  const endSeconds = end === undefined ? Number.POSITIVE_INFINITY : parseClock("end", end);
  if (endSeconds <= startSeconds) {
    throw new EverywordError("usage", `--end must be behind --start, which is ${startSeconds} s.`);
  }
  return { startSeconds, endSeconds };
}
