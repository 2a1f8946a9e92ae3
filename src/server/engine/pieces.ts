/**
 * From pieces to protocol segments. Each piece of speech is one segment. Its text is delivered as
 * soon as it is decoded and does not change any more; it is called final once it cannot be
 * continued: after `endpointSeconds` of silence, when the next speech begins, or at the end of the
 * audio. So a segment is a breath of speech of 10 s at most, finals of fluent speech come with the
 * next breath, and the last one comes when the pause is long enough (PROTOCOL W16).
 */
import type { RecognizedSegment, RecognizedWord } from "../recognizer.ts";

/** One piece on its way to the caller. */
export interface PieceState {
  readonly startFrame: number;
  endFrame: number;
  /** Words of the complete piece, once decoded and timed. */
  decoded: readonly RecognizedWord[] | undefined;
  /** Words of the newest interim that was not delivered yet. */
  interim: readonly RecognizedWord[] | undefined;
  /** How far an interim has covered it. */
  coveredFrame: number;
  /** The words are those of the complete piece; only their times may still change. */
  settled: boolean;
  /** Nothing can be added to it. */
  over: boolean;
  /** The number it was delivered under; pieces without words get none. */
  index: number | undefined;
  /** The decoded words were delivered, as a segment that is not final yet. */
  shown: boolean;
}

/** Delivers pieces strictly in order, whatever order their decodes come back in. */
export class PieceOrder {
  readonly #pieces: PieceState[] = [];
  readonly #deliver: (segment: RecognizedSegment) => void;
  readonly #showInterims: boolean;
  #nextIndex = 0;

  constructor(deliver: (segment: RecognizedSegment) => void, showInterims: boolean) {
    this.#deliver = deliver;
    this.#showInterims = showInterims;
  }

  /** Pieces begun and not yet decoded. */
  get undecoded(): number {
    return this.#pieces.filter((piece) => piece.decoded === undefined).length;
  }

  /** Start of the oldest piece that is not decoded. */
  get oldestFrame(): number | undefined {
    return this.#pieces.find((piece) => piece.decoded === undefined)?.startFrame;
  }

  /** Speech begins; nothing can be added to what came before. */
  begin(startFrame: number): PieceState {
    this.closeAll();
    const piece: PieceState = {
      startFrame,
      endFrame: startFrame,
      decoded: undefined,
      interim: undefined,
      coveredFrame: startFrame,
      settled: false,
      over: false,
      index: undefined,
      shown: false,
    };
    this.#pieces.push(piece);
    return piece;
  }

  /** The silence is long enough, or the audio is at its end. */
  closeAll(): void {
    for (const piece of this.#pieces) piece.over = true;
    this.#advance();
  }

  /** Ignored when more was already told of the piece. */
  setInterim(piece: PieceState, words: readonly RecognizedWord[], endFrame: number): void {
    if (piece.settled || endFrame < piece.coveredFrame) return;
    this.#setInterim(piece, words, endFrame);
  }

  /** The words of the complete piece, their times not known yet. */
  setSettled(piece: PieceState, words: readonly RecognizedWord[], endFrame: number): void {
    piece.settled = true;
    this.#setInterim(piece, words, endFrame);
  }

  #setInterim(piece: PieceState, words: readonly RecognizedWord[], endFrame: number): void {
    if (piece.decoded !== undefined || !this.#showInterims) return;
    piece.interim = words;
    piece.coveredFrame = endFrame;
    piece.endFrame = endFrame;
    this.#advance();
  }

  setDecoded(piece: PieceState, words: readonly RecognizedWord[], endFrame: number): void {
    piece.decoded = words;
    piece.settled = true;
    piece.endFrame = endFrame;
    this.#advance();
  }

  #advance(): void {
    for (let head = this.#pieces[0]; head !== undefined; head = this.#pieces[0]) {
      if (head.decoded === undefined) {
        if (head.interim !== undefined) this.#show(head, head.interim, false);
        head.interim = undefined;
        return;
      }
      if (!head.over) {
        if (!head.shown && this.#showInterims) this.#show(head, head.decoded, false);
        head.shown = true;
        return;
      }
      this.#pieces.shift();
      this.#show(head, head.decoded, true);
    }
  }

  /** A piece that was never shown and has no words leaves no trace; one that was is emptied. */
  #show(piece: PieceState, words: readonly RecognizedWord[], final: boolean): void {
    if (piece.index === undefined) {
      if (words.length === 0) return;
      piece.index = this.#nextIndex;
      this.#nextIndex += 1;
    }
    const { index } = piece;
    const startFrame = Math.min(piece.startFrame, words[0]?.startFrame ?? piece.startFrame);
    const endFrame = Math.max(piece.endFrame, words.at(-1)?.endFrame ?? piece.endFrame);
    this.#deliver({ index, startFrame, endFrame, words, final });
  }
}
