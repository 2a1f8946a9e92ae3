/** What must hold for every simulated session; each broken promise as a sentence. */
import type { Word } from "../../src/transcript.ts";
import type { SimRun } from "./run.ts";
import type { ServerManners } from "./server.ts";
import type { SpokenTruth } from "./source.ts";

/** Times are within a millisecond of the ideal transcript. */
const TOLERANCE_FRAMES = 16;

interface Bounds {
  readonly start: number;
  readonly end: number;
  readonly reason: string;
}

export function findProblems(run: SimRun): string[] {
  const { outcome, events } = run;
  if (outcome === undefined) return ["never settled"];
  const problems: string[] = [];
  if (run.commandsAfterEnd > 0) problems.push(`${run.commandsAfterEnd} commands after the end`);
  if (run.falseCalms > 0) problems.push(`${run.falseCalms} deadlines came nearer unsaid`);
  const last = events.at(-1);
  if (last?.type !== "end") problems.push("end is not the last event");
  if (events.filter((event) => event.type === "end").length > 1) problems.push("ended twice");
  const audioFrames = Math.round(outcome.audioSeconds * 16_000);
  if (outcome.reason !== "failed" && audioFrames !== run.script.frames) {
    problems.push(`${audioFrames} of ${run.script.frames} frames on the timeline`);
  }
  const limit = run.options.replayFrames * 2 + 24_000;
  if (run.mostHeldBytes > limit) problems.push(`${run.mostHeldBytes} bytes held`);
  checkWords(run, audioFrames, problems);
  checkGapEnds(run, problems);
  checkHoles(run, audioFrames, problems);
  checkInterims(run, problems);
  checkCounts(run, problems);
  return problems;
}

function checkWords(run: SimRun, audioFrames: number, problems: string[]): void {
  const truth = run.script.words;
  const gaps = gapsOf(run);
  const seen = new Set<number>();
  const spliced: Word[] = [];
  let previous = -1;
  for (const word of spokenWords(run)) {
    const index = match(word, truth, run);
    if (index === undefined && isSpliced(word, gaps)) {
      spliced.push(word);
      continue;
    }
    if (index === undefined) problems.push(`no such word: ${word.text} at ${word.start}`);
    else if (seen.has(index)) problems.push(`doubled: ${describe(index, truth)}`);
    else if (index < previous) problems.push(`out of order: ${describe(index, truth)}`);
    if (index === undefined) continue;
    seen.add(index);
    previous = Math.max(previous, index);
    const gap = gaps.find((one) => touches(truth[index], one, run.manners.waverFrames));
    if (gap !== undefined && gap.reason !== "unanswered") {
      problems.push(`in the gap ${gap.start}–${gap.end}: ${describe(index, truth)}`);
    }
  }
  for (const [index, word] of truth.entries()) {
    if (seen.has(index) || word.end > audioFrames) continue;
    if (gaps.some((gap) => touches(word, gap)) || isClipped(run, word)) continue;
    if (spliced.some((one) => isEdgeOf(one, word, run))) continue;
    problems.push(`lost: ${describe(index, truth)}`);
  }
}

/**
 * Where a gap ends, a connection begins: the one that opens next, or, when a replaced connection
 * died before it had said all, the one that had taken over.
 */
function checkGapEnds(run: SimRun, problems: string[]): void {
  let current: number | undefined;
  let gapEnd: number | undefined;
  for (const event of run.events) {
    if (event.type === "gap" && event.reason === "evicted") gapEnd = event.end;
    if (event.type !== "reconnected" && event.type !== "connected") continue;
    const isContinued = run.events.some((one) => one.type === "gap" && one.start === gapEnd);
    if (isContinued) gapEnd = undefined;
    const [to, taken] = [gapEnd, [event.connection, current]];
    const isBegun = to === undefined || taken.some((one) => beginsAt(run, one, to) ?? true);
    if (!isBegun) problems.push(`no connection begins at ${to}`);
    current = event.connection;
    gapEnd = undefined;
  }
}

/** Whether the first audio of a connection is what lies there; undefined = nobody knows. */
function beginsAt(
  run: SimRun,
  connection = 0,
  seconds = 0,
  frames = Infinity,
): boolean | undefined {
  const first = run.firstAudio.get(connection)?.subarray(0, frames * 2);
  if (first === undefined) return undefined;
  const bytes = new Uint8Array(run.script.source.samples.buffer);
  const from = run.script.sourceFrame(Math.round(seconds * 16_000), first.length / 2);
  if (from === undefined) return undefined;
  return first.every((byte, at) => byte === bytes[(from * 2 + at) % bytes.length]);
}

/**
 * Where a recognizer ends the word before a little late and no audio before that is left, the next
 * connection begins a little inside this one, and this recognizer hears only whole words.
 */
function isClipped(run: SimRun, { start }: SpokenTruth): boolean {
  const connections = [...run.firstAudio.keys()];
  for (let frame = start + 1; frame <= start + run.manners.waverFrames; frame += 1) {
    if (connections.some((one) => beginsAt(run, one, frame / 16_000, 32) === true)) return true;
  }
  return false;
}

/** Whether a word that was said across a gap is this one, a little of whose times fell to its other side. */
function isEdgeOf(said: Word, { start, end }: SpokenTruth, { manners }: SimRun): boolean {
  const tolerance = TOLERANCE_FRAMES + manners.waverFrames;
  const isStart = Math.abs((said.start ?? -1) * 16_000 - start) <= tolerance;
  return isStart || Math.abs((said.end ?? -1) * 16_000 - end) <= tolerance;
}

function spokenWords(run: SimRun): Word[] {
  return run.events.flatMap((event) => (event.type === "final" ? event.words : []));
}

function gapsOf(run: SimRun): Bounds[] {
  return run.events.flatMap((event) =>
    event.type === "gap"
      ? [
          {
            start: Math.round(event.start * 16_000),
            end: Math.round(event.end * 16_000),
            reason: event.reason,
          },
        ]
      : [],
  );
}

function match(word: Word, truth: readonly SpokenTruth[], run: SimRun): number | undefined {
  const { manners } = run;
  const tolerance = TOLERANCE_FRAMES + manners.waverFrames;
  const start = (word.start ?? -1) * 16_000;
  const end = (word.end ?? -1) * 16_000;
  let low = 0;
  let high = truth.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((truth[middle]?.start ?? 0) < start - tolerance) low = middle + 1;
    else high = middle;
  }
  const isNear = (a: number | undefined, b: number): boolean =>
    Math.abs((a ?? -1) - b) <= tolerance;
  const isAt = isNear(truth[low]?.start, start) && isNear(truth[low]?.end, end);
  if (!isAt) {
    if (manners.waverFrames === 0) return undefined;
    // One end of a word may waver across time without audio.
    low = truth.findIndex((one) => isNear(one.start, start) || isNear(one.end, end));
  }
  const found = truth[low];
  return found !== undefined && isSpelled(word.text, found.text, manners) ? low : undefined;
}

/** The beginning of one word and the end of another, with what was left out between them. */
function isSpliced(word: Word, gaps: readonly Bounds[]): boolean {
  const [start, end] = [(word.start ?? 0) * 16_000, (word.end ?? 0) * 16_000];
  return gaps.some((gap) => gap.reason === "dropped" && gap.start > start && gap.end < end);
}

/** Provisional words count when nothing better will ever come; they may be spelled wrong. */
function isSpelled(told: string, truth: string, { isRough, rewords }: ServerManners): boolean {
  if (isRough && told.endsWith("?")) return true;
  return told === truth || (rewords > 0 && (told === `${truth},` || told === `${truth}x`));
}

/** @param sparing by how much the gap is taken for smaller than it is. */
function touches(word: SpokenTruth | undefined, gap: Bounds, sparing = 0): boolean {
  return word !== undefined && word.start < gap.end - sparing && word.end > gap.start + sparing;
}

function describe(index: number, truth: readonly SpokenTruth[]): string {
  const word = truth[index];
  return `word ${index} "${word?.text}" ${word?.start}–${word?.end}`;
}

/** Every hole that is to be told is told once, exactly. */
function checkHoles(run: SimRun, audioFrames: number, problems: string[]): void {
  const told = gapsOf(run).filter((gap) => gap.reason === "paused");
  let before = 0;
  for (const { at, frames, reason } of run.script.holes) {
    const start = at + before;
    before += frames;
    if (reason === undefined || start + frames > audioFrames) continue;
    const same = told.filter((gap) => gap.start === start && gap.end === start + frames);
    if (same.length !== 1)
      problems.push(`hole ${start}–${start + frames} told ${same.length} times`);
  }
}

/** What the last process says of the whole session. */
function checkCounts(run: SimRun, problems: string[]): void {
  const { outcome } = run;
  const words = spokenWords(run).length;
  if (outcome?.words !== words) problems.push(`${outcome?.words} words counted, ${words} told`);
  const gaps = run.events.filter((event) => event.type === "gap").length;
  if (outcome?.gaps.length !== gaps) problems.push(`${outcome?.gaps.length} gaps, ${gaps} told`);
}

/** No provisional text is left on the screen. */
function checkInterims(run: SimRun, problems: string[]): void {
  const shown = new Map<string, string>();
  for (const [index, event] of run.events.entries()) {
    // Another process, another screen.
    if (run.crashes.includes(index)) shown.clear();
    if (event.type === "interim") shown.set(event.segment, event.text);
    if (event.type === "final") shown.set(event.segment, "");
  }
  if (run.outcome?.reason === "aborted") return;
  for (const [segment, text] of shown) {
    if (text !== "") problems.push(`interim of ${segment} left: "${text}"`);
  }
}
