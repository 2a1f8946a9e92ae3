/**
 * Audio for words: what the session holds whatever connection serves it. The replay buffer, the
 * timeline, and the rules by which audio goes out and text comes in. The machine decides when.
 */
import type { EverywordError } from "../../errors.ts";
import { Answers } from "./answers.ts";
import type { CommandQueue } from "./command-queue.ts";
import type { Outcome } from "./commands.ts";
import type { EndEvent } from "./events.ts";
import { FRAMES_PER_MS, framesOf, secondsOf } from "./frames.ts";
import type { HeardSegment } from "./heard.ts";
import { levelsOf, type MachineLevels } from "./levels.ts";
import { openLink, type Link } from "./link.ts";
import { Loudness } from "./loudness.ts";
import type { MachineOptions } from "./machine-options.ts";
import { MediaClock } from "./media-clock.ts";
import type { Hole } from "./origin.ts";
import { Pacer } from "./pacer.ts";
import { ReplayBuffer } from "./replay-buffer.ts";
import { Report } from "./report.ts";
import { takeUp } from "./resumption.ts";
import { Sender } from "./sender.ts";
import { hasRoom } from "./room.ts";
import type { SlabPool } from "./slab-pool.ts";
import type { JournalEntry, Spill } from "./spill.ts";
import { Timeline } from "./timeline.ts";

/** Silence that is sent for time without audio, at most. */
const SILENCE_FRAMES = framesOf(1);
/** The end of the audio of a connection that is being replaced: its last word may be cut. */
const CUT_FRAMES = framesOf(0.3);

/** Always true: `base <= sent <= end` for the connection that carries audio. */
export class Exchange {
  readonly #options: MachineOptions;
  readonly #buffer: ReplayBuffer;
  readonly #pacer: Pacer;
  readonly #timeline = new Timeline();
  readonly #clock = new MediaClock();
  readonly #answers: Answers;
  readonly #spill: Spill | undefined;
  /** Where audio ends that was dropped and may not be told yet; Infinity = there is none. */
  #untoldFrame = Infinity;
  readonly sender: Sender;
  readonly report: Report;

  /** The number of the last connection of another process; 0 = there was none. */
  readonly earlierConnections: number;

  constructor(
    options: MachineOptions,
    pool: SlabPool,
    out: CommandQueue,
    spill: Spill | undefined,
  ) {
    this.#options = options;
    this.#spill = spill;
    this.#buffer = new ReplayBuffer(pool, options.replayFrames, spill);
    this.#pacer = new Pacer(options.pace, options.catchUp);
    const loudness = new Loudness();
    this.#answers = new Answers(this.#timeline, this.#buffer, loudness);
    this.sender = new Sender(options, this.#buffer, this.#pacer, loudness, out);
    this.report = new Report(out, this.#clock, spill && ((entry) => this.#note(entry)));
    const journal = spill?.journal;
    this.earlierConnections =
      journal === undefined ? 0 : takeUp(journal, this.#timeline, this.#clock, this.report);
  }

  get heldBytes(): number {
    return this.#buffer.heldBytes;
  }

  /** Takes audio in; what has to be evicted before it was sent is left out of the connection. */
  write(now: number, link: Link | undefined, bytes: Uint8Array): void {
    this.#beforeAudio(now, link);
    this.#buffer.append(bytes);
    this.#afterAudio(link);
  }

  /**
   * Time passes without audio. A short while is silence; of a longer one only a moment is sent, so
   * that the recognizer notices the pause, and the clock jumps over the rest.
   */
  skip(now: number, link: Link | undefined, frames: number, reason: string | undefined): void {
    const start = this.mediaFrame;
    const sent = frames <= SILENCE_FRAMES ? frames : SILENCE_FRAMES;
    this.#beforeAudio(now, link);
    this.#buffer.appendSilence(sent);
    this.#afterAudio(link);
    if (frames > sent) this.#jump(this.#buffer.endFrame, frames - sent);
    if (reason === undefined || frames <= 0) return;
    this.report.gapSeconds({ start: secondsOf(start), end: secondsOf(start + frames), reason });
  }

  /** The position of the next frame on the caller's clock. */
  get mediaFrame(): number {
    return this.#buffer.endFrame + this.#clock.skippedFrames;
  }

  #beforeAudio(now: number, link: Link | undefined): void {
    const unsentFrom = link?.origin.sentFrame ?? this.sender.newestSentFrame;
    if (this.#buffer.endFrame - unsentFrom < this.sender.chunkFrames) {
      this.#pacer.anchor(now, unsentFrom);
    }
  }

  #afterAudio(link: Link | undefined): void {
    if (this.#spill !== undefined) this.#warnOfSpill();
    if (link !== undefined) this.#leaveOut(link);
  }

  /**
   * What is not there any more cannot be sent. While a replaced connection still speaks it may have
   * had it: whether it did is known when it is done.
   */
  #leaveOut(link: Link): void {
    const { baseFrame } = this.#buffer;
    const { sentFrame } = link.origin;
    if (baseFrame <= sentFrame) return;
    const hole = { start: sentFrame, end: baseFrame };
    link.origin.skipTo(baseFrame);
    if (!link.hearing.isHeld) this.#tellHole(hole, this.#timeline.ackedFrame);
  }

  /** Of what is being said again, that which was answered before is no loss. */
  #tellHole({ start, end }: Hole, answeredFrame: number): void {
    const from = Math.max(start, answeredFrame);
    if (end > from) this.#untoldFrame = this.report.drop(from, end);
  }

  #tellDropped(): void {
    this.#untoldFrame = Infinity;
    this.report.tellDropped();
  }

  #warnOfSpill(): void {
    const trouble = this.#buffer.takeTrouble();
    if (trouble !== undefined) this.report.warn("spill", trouble);
  }

  #jump(frame: number, frames: number): void {
    this.#tellDropped();
    this.#clock.jump(frame, frames);
    this.#note({ type: "jump", frame, frames });
  }

  /** Audio first: words that are remembered without their audio would be looked for in what follows. */
  #note(entry: JournalEntry): void {
    if (entry.type !== "connected" && entry.type !== "reconnected") this.#buffer.flush();
    this.#spill?.note(entry);
  }

  /** Whether a writer that can wait should write on. */
  hasRoom(link: Link | undefined): boolean {
    return hasRoom(this.#buffer, link, this.sender);
  }

  /**
   * Sends what may go now, and the end marker behind the last of it.
   *
   * @param fresh what was written last.
   * @returns whether no deadline has come nearer by it.
   */
  pump(now: number, link: Link, isFinishing: boolean, fresh?: Uint8Array): boolean {
    if (link.endSentAtMs !== undefined) return false;
    let isCalm: boolean;
    do {
      this.#leaveOut(link);
      isCalm = this.sender.pump(now, link, isFinishing, fresh);
    } while (this.#buffer.baseFrame > link.origin.sentFrame);
    // Before what lies behind it can be answered: whoever takes the session up must know of it.
    if (link.origin.sentFrame > this.#untoldFrame) this.#tellDropped();
    if (!isFinishing) return isCalm;
    if (link.origin.sentFrame >= this.#buffer.endFrame) this.sender.end(now, link);
    return false;
  }

  /**
   * A connection opens. What the buffer does not hold any more cannot be said again: provisional
   * words in it are the best that will ever be known, the rest of it is a gap.
   *
   * @param isHeld a replaced connection still speaks of what comes before: `retire` tells the gap.
   */
  open(now: number, connection: number, lost: Link | undefined, isHeld: boolean): Link {
    const timeline = this.#timeline;
    if (isHeld) return this.#link(now, connection);
    if (lost !== undefined) {
      const base = this.#buffer.baseFrame;
      if (base > timeline.ackedFrame) this.report.events(lost.hearing.conclude(base));
      this.report.events(lost.hearing.withdraw());
    }
    // What is told is noted, and a spill that is full may give up more audio for that.
    while (this.#buffer.baseFrame > timeline.ackedFrame) {
      const base = this.#buffer.baseFrame;
      this.report.gap(timeline.ackedFrame, base, "evicted");
      timeline.acknowledge(base);
    }
    return this.#link(now, connection);
  }

  /**
   * A fresh connection takes over from `old`, which is told that the audio ends here and whose last
   * word may therefore be cut: it is left to the new one.
   */
  takeOver(now: number, connection: number, old: Link): Link {
    old.hearing.cutFrame = old.origin.sentFrame - CUT_FRAMES;
    if (old.endSentAtMs === undefined) this.sender.end(now, old);
    const link = this.#link(now, connection);
    // The wait for echoes goes on: replacing connections must not begin it anew for ever.
    link.echoAtMs = old.echoAtMs;
    return link;
  }

  /** The old connection is done; what it did not say for good is left to `next`. */
  retire(old: Link, isComplete: boolean, next: Link | undefined): void {
    const nextFrame = next?.origin.originFrame ?? 0;
    const until = isComplete ? old.hearing.cutFrame : nextFrame;
    if (until > this.#timeline.ackedFrame) this.report.events(old.hearing.conclude(until));
    this.report.events(old.hearing.withdraw());
    const said = this.#timeline.ackedFrame;
    const answered = isComplete ? Math.max(said, until) : said;
    // A word that began before the new one's first frame, and was cut off, neither has heard whole.
    this.report.gap(Math.min(answered, this.#answers.unsaidFrame), nextFrame, "evicted");
    this.#timeline.acknowledge(nextFrame);
    if (next === undefined) return;
    for (const hole of next.origin.holes) this.#tellHole(hole, answered);
    next.hearing.begin();
    this.report.events(next.hearing.report(next.traces.heardFrame));
    this.#answers.release(next);
  }

  /** Where a new connection begins. */
  get #beginFrame(): number {
    return Math.max(this.#buffer.baseFrame, this.#timeline.rewindFrame());
  }

  #link(now: number, connection: number): Link {
    return openLink(now, connection, this.#beginFrame, this.#options, this.#timeline, this.#clock);
  }

  /** @param carrier the connection that carries audio. */
  hear(link: Link, segments: readonly HeardSegment[], carrier: Link | undefined): void {
    if (link.hearing.hear(segments)) {
      this.report.warn("correction", "A word that was final was revised; the first one stands.");
    }
    if (link.hearing.takeAstray()) {
      this.report.warn(
        "segment-id",
        "New words came under the id of a segment that was complete long ago, and are left out.",
      );
    }
    const newest = link.hearing.newestFrame();
    if (newest !== undefined) this.#answers.learn(newest, link.traces.heardFrame);
    this.report.events(link.hearing.report(link.traces.heardFrame));
    if (carrier !== undefined) this.#answers.release(carrier);
  }

  /** @returns whether it answered anything. */
  echo(now: number, link: Link, id: string, carrier: Link | undefined): boolean {
    if (!link.traces.echo(id)) return false;
    link.echoAtMs = now;
    this.#answers.acknowledge(link);
    if (carrier !== undefined) this.#answers.release(carrier);
    return true;
  }

  /** How far into the audio the answers reach, provisional ones included. */
  reachedFrame(link: Link): number {
    const { heardFrame } = link.traces;
    return Math.max(this.#timeline.ackedFrame, heardFrame, link.hearing.shownFrame);
  }

  /** How much audio is where. */
  levels(link: Link | undefined): MachineLevels {
    const sentFrame = Math.max(link?.origin.sentFrame ?? 0, this.sender.newestSentFrame);
    return levelsOf(this.#buffer, sentFrame, this.#timeline.ackedFrame);
  }

  /** Whether nothing waits to be sent or to be answered with words, as in a call on hold. */
  isAtRest(link: Link): boolean {
    if (this.isAnswered(link)) return true;
    const unsent = this.#buffer.endFrame - link.origin.sentFrame;
    return unsent < this.sender.chunkFrames && this.isQuiet(link);
  }

  /** Whether nothing loud was sent that has no words. */
  isQuiet(link: Link): boolean {
    return this.#answers.soundFrame(link) === Infinity;
  }

  /** About when the first sound was sent that has no words, in real time; Infinity = there is none. */
  soundAtMs(link: Link): number {
    const behind = link.origin.sentFrame - this.#answers.soundFrame(link);
    return link.sentAtMs - behind / FRAMES_PER_MS;
  }

  /** Whether all audio so far was answered, provisionally at least. */
  isAnswered(link: Link): boolean {
    return link.traces.heardFrame >= this.#buffer.endFrame;
  }

  /**
   * Whether all audio so far was answered, and all that is loud in it has words.
   *
   * @param isOver as for `Answers.isSaid`.
   */
  isSaid(link: Link, isOver = false): boolean {
    return this.#answers.isSaid(link, this.#buffer.endFrame, isOver);
  }

  /** Whether it sends what is new, and a fresh connection would begin further on than it did. */
  hasAdvanced(link: Link): boolean {
    const { originFrame, sentFrame } = link.origin;
    return sentFrame >= this.sender.newestSentFrame && this.#beginFrame > originFrame;
  }

  /** What is known is said, what is not is a gap, then `end`. */
  close(reason: EndEvent["reason"], link: Link | undefined, error?: EverywordError): Outcome {
    const end = this.#buffer.endFrame;
    this.#buffer.flush();
    let missingFrom = end;
    if (reason !== "aborted" && link !== undefined) {
      this.report.events(link.hearing.conclude());
      const isAllSaid = reason === "complete" || this.isSaid(link, true);
      if (!isAllSaid) missingFrom = this.#answers.answeredFrame(link);
    } else if (reason === "failed") missingFrom = this.#timeline.ackedFrame;
    const missing = this.report.gap(missingFrom, end, "unanswered");
    this.#buffer.clear();
    return this.report.end(reason, end, this.#timeline.wordCount, missing, error);
  }
}
