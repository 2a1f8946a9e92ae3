import { joinWords } from "./core/join-words.ts";
import type { Piece, Segmenter, SegmenterEvent } from "./core/segmenter.ts";
import { spreadTimes } from "./core/spread.ts";
import type { WordsReply } from "./messages.ts";
import type { PieceOrder, PieceState } from "./pieces.ts";

const SAMPLE_RATE = 16_000;
/**
 * After an interim the next waits for this many times the time it took, as audio: where decoding is
 * slow, interims become rarer and leave the workers to the finals.
 */
const INTERIM_REST = 1.5;
/**
 * An interim decodes an open piece whole up to this length; of a longer one only the last seconds,
 * from a quiet point between the two others on, and joins them to what was heard before. So an interim
 * never takes long, however long somebody speaks.
 */
const LONGEST_INTERIM_FRAMES = 4 * SAMPLE_RATE;
const LONGEST_TAIL_FRAMES = 3.5 * SAMPLE_RATE;
const SHORTEST_TAIL_FRAMES = 2.2 * SAMPLE_RATE;
/** Interims that are asked for before a drain is answered; where all fail, it is answered without. */
const MOST_DRAIN_INTERIMS = 3;

/** What works on the pieces of one stream. */
export interface PieceServices {
  decodeFinal(piece: Piece): Promise<WordsReply>;
  /** @param make called once a decoder is free. */
  decodeInterim(make: () => Piece | undefined): Promise<WordsReply | undefined>;
  /** When the words of a piece were said; `undefined` where nobody can tell. */
  align(words: readonly string[], piece: Piece): Promise<WordsReply | undefined>;
}

/** The decode of a piece that began before its pause was long enough to end it. */
interface Early {
  readonly piece: Piece;
  taken: boolean;
  reply: Promise<WordsReply | undefined>;
}

/** The piece that grows. */
interface OpenPiece {
  readonly state: PieceState;
  nextInterimFrame: number;
  /** An interim waits or is being decoded. */
  interim: boolean;
  early: Early | undefined;
  /** What was heard of it so far, up to `state.coveredFrame`. */
  words: WordsReply["words"];
}

/**
 * Decodes the pieces of one stream. The words of a complete piece depend on its samples alone;
 * interims come when there is time for them. A pause is decoded as soon as it is known what the
 * piece will be if it lasts: the result is its final words if it does, and an interim if not.
 */
export class PieceWork {
  readonly #services: PieceServices;
  readonly #segmenter: Segmenter;
  readonly #order: PieceOrder;
  /** 0 = no interims. */
  readonly #interimFrames: number;
  readonly #onFailure: (error: unknown) => void;
  readonly #working = new Set<Promise<void>>();
  #open: OpenPiece | undefined;
  #over = false;

  constructor(
    services: PieceServices,
    segmenter: Segmenter,
    order: PieceOrder,
    interimFrames: number,
    onFailure: (error: unknown) => void,
  ) {
    this.#services = services;
    this.#segmenter = segmenter;
    this.#order = order;
    this.#interimFrames = interimFrames;
    this.#onFailure = onFailure;
  }

  /** The stream has failed or was closed: nothing more is asked for. */
  stop(): void {
    this.#over = true;
  }

  handle(events: readonly SegmenterEvent[]): void {
    for (const event of events) {
      if (event.type === "begin") {
        this.#open = {
          state: this.#order.begin(event.startFrame),
          nextInterimFrame: event.startFrame + this.#interimFrames,
          interim: false,
          early: undefined,
          words: [],
        };
      } else if (event.type === "end") {
        const open = this.#open;
        this.#open = undefined;
        if (open !== undefined) this.#track(this.#finish(open, event.piece));
      } else {
        this.#order.closeAll();
      }
    }
  }

  /** Asks for an interim, or for the decode of a pause, where it is time for one. */
  consider(): void {
    const open = this.#open;
    if (open === undefined || this.#interimFrames === 0) return;
    const foreseen = this.#segmenter.foreseenPiece();
    if (foreseen !== undefined) {
      if (!isSame(open.early?.piece, foreseen)) this.#track(this.#decodeEarly(open, foreseen));
      return;
    }
    const due = this.#segmenter.position >= open.nextInterimFrame;
    // In a pause the complete piece is about to say it better.
    if (due && !open.interim && this.#segmenter.speaking) this.#track(this.#decodeInterim(open));
  }

  /** Resolves when no more than `most` complete pieces wait to be decoded. */
  async settle(most: number): Promise<void> {
    while (this.#order.undecoded > most && this.#working.size > 0) {
      await Promise.race(this.#working);
    }
  }

  /**
   * Resolves once all speech before now was reported; later audio goes on meanwhile. Whoever hears
   * the answer to a drain concludes just that, so an open piece is decoded once more where no
   * interim covers it.
   */
  async cover(): Promise<void> {
    const open = this.#open;
    const heardFrame = this.#segmenter.openPiece()?.endFrame ?? 0;
    let asked = 0;
    for (;;) {
      await Promise.all(this.#working);
      if (this.#over || open === undefined || this.#interimFrames === 0) return;
      if (open.state.decoded !== undefined || open.state.coveredFrame >= heardFrame) return;
      const ended = open !== this.#open;
      // Of a piece that ended meanwhile the final is among the work; so is an interim that waits,
      // and it will reach as far as this one.
      if (this.#working.size > 0) continue;
      if (ended || asked === MOST_DRAIN_INTERIMS) return;
      asked += 1;
      this.#track(this.#decodeInterim(open));
    }
  }

  async #decodeEarly(open: OpenPiece, piece: Piece): Promise<void> {
    const early: Early = { piece, taken: false, reply: Promise.resolve(undefined) };
    open.early = early;
    early.reply = this.#services.decodeInterim(() => {
      const stillPausing = isSame(this.#segmenter.foreseenPiece(), piece);
      if (this.#open !== open || !stillPausing) return undefined;
      early.taken = true;
      return piece;
    });
    const reply = await early.reply;
    if (reply === undefined) return;
    this.#show(open, reply.words, piece.endFrame, reply.busyMs);
  }

  async #finish(open: OpenPiece, piece: Piece): Promise<void> {
    const { early } = open;
    const foreseen = early?.taken === true && isSame(early.piece, piece);
    const begun = foreseen ? await early.reply : undefined;
    const reply = begun ?? (await this.#services.decodeFinal(piece));
    const texts = reply.words.map(({ text }) => text);
    let { words } = reply;
    if (texts.length > 0 && !hasTimes(words)) {
      const spread = spreadTimes(words, piece.startFrame, piece.endFrame);
      this.#order.setSettled(open.state, spread, piece.endFrame);
      words = (await this.#services.align(texts, piece))?.words ?? words;
    }
    // Heard words may reach into the padding; guessed ones stay where speech was detected.
    const heard = hasTimes(words);
    const from = heard ? piece.audioFrame : piece.startFrame;
    const to = heard ? piece.audioFrame + piece.samples.length : piece.endFrame;
    this.#order.setDecoded(open.state, spreadTimes(words, from, to), piece.endFrame);
  }

  async #decodeInterim(open: OpenPiece): Promise<void> {
    open.interim = true;
    open.nextInterimFrame = this.#segmenter.position + this.#interimFrames;
    const told = await this.#decodeGrowing(open, () => this.#tailStart(open));
    if (told === "unjoined") await this.#decodeGrowing(open, () => 0);
    open.interim = false;
  }

  /** @param from where to begin, asked for when a decoder is free; 0 = the whole piece. */
  async #decodeGrowing(open: OpenPiece, from: () => number): Promise<"told" | "unjoined"> {
    let piece: Piece | undefined;
    let before: WordsReply["words"] = [];
    const reply = await this.#services.decodeInterim(() => {
      const fromFrame = from();
      if (this.#open === open) piece = this.#segmenter.openPiece(fromFrame);
      before = fromFrame === 0 ? [] : open.words;
      return piece;
    });
    if (reply === undefined || piece === undefined) return "told";
    const words = before.length === 0 ? reply.words : joinWords(before, reply.words);
    if (words === undefined) return "unjoined";
    this.#show(open, words, piece.endFrame, reply.busyMs);
    return "told";
  }

  /** Where an interim of the open piece begins now; 0 = at its start. */
  #tailStart(open: OpenPiece): number {
    const { position } = this.#segmenter;
    const isShort = position - open.state.startFrame <= LONGEST_INTERIM_FRAMES;
    if (isShort || open.words.length === 0) return 0;
    const [from, to] = [position - LONGEST_TAIL_FRAMES, position - SHORTEST_TAIL_FRAMES];
    // What was not heard yet must be part of it.
    if (open.state.coveredFrame < to) return 0;
    return this.#segmenter.quietFrame(from, to) ?? 0;
  }

  #show(open: OpenPiece, words: WordsReply["words"], endFrame: number, busyMs: number): void {
    const rest = Math.round((INTERIM_REST * busyMs * SAMPLE_RATE) / 1_000);
    open.nextInterimFrame = Math.max(open.nextInterimFrame, endFrame + rest);
    if (endFrame >= open.state.coveredFrame) open.words = words;
    const { startFrame } = open.state;
    this.#order.setInterim(open.state, spreadTimes(words, startFrame, endFrame), endFrame);
  }

  /** Remembers work until it is done. */
  #track(work: Promise<void>): void {
    const settle = async (): Promise<void> => {
      try {
        await work;
      } catch (error) {
        this.#onFailure(error);
      }
      this.#working.delete(settled);
    };
    const settled = settle();
    this.#working.add(settled);
  }
}

function hasTimes(words: WordsReply["words"]): boolean {
  return words.some((word) => word.startFrame !== undefined);
}

/** Of one segmenter: pieces with the same bounds have the same samples. */
function isSame(one: Piece | undefined, other: Piece | undefined): boolean {
  return (
    one?.startFrame === other?.startFrame &&
    one?.endFrame === other?.endFrame &&
    one?.samples.length === other?.samples.length
  );
}
