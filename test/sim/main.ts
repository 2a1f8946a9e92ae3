/** Many seeds; the failing ones are printed and can be run again. */
import { findProblems } from "./check.ts";
import { hardshipsOf } from "./hardships.ts";
import { runSession, type SimRun, type SimSettings } from "./run.ts";
import { Random } from "./random.ts";
import { Resets } from "./resets.ts";
import { makeSource, makeSources, repeated, type Source } from "./source.ts";

export interface SimSummary {
  readonly sessions: number;
  readonly faults: number;
  readonly words: number;
  readonly gaps: number;
  readonly reconnects: number;
  readonly crashes: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly failures: readonly { readonly seed: number; readonly problems: readonly string[] }[];
}

/** Runs seeds `first` to `first + count - 1`; stops after `maxFailures`. */
export function simulate(
  first: number,
  count: number,
  maxFailures = 20,
  isHarsh = false,
): SimSummary {
  const sources = makeSources(48, 30);
  const failures: { seed: number; problems: string[] }[] = [];
  const reasons: Record<string, number> = {};
  const sums = { sessions: 0, faults: 0, words: 0, gaps: 0, reconnects: 0, crashes: 0 };
  for (let seed = first; seed < first + count && failures.length < maxFailures; seed += 1) {
    const run = runSeed(seed, sources, isHarsh);
    const problems = findProblems(run);
    if (problems.length > 0) failures.push({ seed, problems });
    sums.sessions += 1;
    sums.faults += run.faults;
    sums.words += run.outcome?.words ?? 0;
    sums.gaps += run.outcome?.gaps.length ?? 0;
    sums.reconnects += run.outcome?.reconnects ?? 0;
    sums.crashes += run.crashes.length;
    const reason = run.outcome?.reason ?? "never";
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return { ...sums, reasons, failures };
}

/** One session as its seed has it. */
export function runSeed(seed: number, sources: readonly Source[], isHarsh = false): SimRun {
  if (isHarsh) return runSession(seed, sources, hardshipsOf(seed));
  return runSession(seed, sources, seed % 8 === 0 ? slowRecognizer(seed) : {});
}

/**
 * A recognizer that echoes at once and says nothing for 15 s, on a connection that breaks meanwhile:
 * rare among random faults, and what happens with recognizers that work in pieces.
 */
function slowRecognizer(seed: number): SimSettings {
  const random = new Random(seed ^ 0x51f7);
  return {
    manners: { pieceFrames: 240_000, echoesTraces: true },
    options: { traceFrames: 16_000, pace: 1, rotateAfterMs: Infinity },
    faults: new Resets([random.between(6500, 15_000), random.between(500, 25_000)]),
  };
}

export interface LongRun {
  readonly problems: readonly string[];
  readonly words: number;
  readonly reconnects: number;
  readonly mostHeldBytes: number;
}

/** One live session of many minutes, each of which ends with a reset. */
export function simulateLong(minutes: number): LongRun {
  // A few frames more than a minute: the cuts wander through the audio.
  const source = repeated(makeSource(new Random(5), 60.0371, "talk"), minutes);
  const run = runSession(11, [source], {
    options: { traceFrames: 16_000, pace: 1, whenFull: "drop", chunkFrames: 1600 },
    manners: {
      lists: "window",
      updateFrames: 6400,
      finalAfterFrames: 16_000,
      wordsPerSegment: 8,
      pieceFrames: 0,
      splits: false,
      echoesTraces: true,
      answersPings: true,
      endEcho: "checkpoint",
      garbage: 0,
    },
    isLive: true,
    faults: new Resets(Array.from({ length: minutes - 1 }, () => 60_000)),
    hasClockJumps: false,
    hasTrouble: false,
  });
  const problems = findProblems(run);
  const { outcome, mostHeldBytes } = run;
  if (outcome?.reason !== "complete") problems.push(`ended ${outcome?.reason}`);
  if (outcome?.words !== source.words.length) problems.push(`not ${source.words.length} words`);
  if (outcome?.gaps.length !== 0) problems.push(`${outcome?.gaps.length} gaps`);
  return {
    problems,
    words: outcome?.words ?? 0,
    reconnects: outcome?.reconnects ?? 0,
    mostHeldBytes,
  };
}
