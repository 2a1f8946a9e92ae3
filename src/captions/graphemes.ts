/**
 * How wide text is: grapheme clusters counted, East Asian wide ones and emoji twice, as subtitle
 * guides and terminals count them. Nothing is ever cut inside a cluster.
 */
import { isUnspacedLanguage } from "../transcript.ts";

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Printable ASCII needs no segmenter: one character, one column. */
const PLAIN = /^[ -~]*$/u;

/** Ideographs, kana, and Hangul syllables: each its own grapheme of two columns. */
const IDEOGRAPHS = /^[\u{3041}-\u{3096}\u{30A1}-\u{30FA}\u{4E00}-\u{9FFF}\u{AC00}-\u{D7A3}]*$/u;

/** Unicode's East Asian Width W and F (UAX #11) by script and block, and default emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\u{3000}-\u{303E}\u{30FB}\u{30FC}\u{FF01}-\u{FF60}\u{FFE0}-\u{FFE6}\p{Emoji_Presentation}]|\u{FE0F}/u;

const HALFWIDTH = /^[\u{FF61}-\u{FFDC}\u{FFE8}-\u{FFEE}]/u;

/** Joiners, marks and controls that stand alone and take no room. */
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u;

/** The grapheme clusters of `text`, in order. */
export function graphemes(text: string): string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}

/** Columns of one grapheme cluster: 0, 1 or 2. */
export function graphemeWidth(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return WIDE.test(grapheme) && !HALFWIDTH.test(grapheme) ? 2 : 1;
}

/** Columns of `text` on one line. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  if (IDEOGRAPHS.test(text)) return 2 * text.length;
  let width = 0;
  for (const { segment } of SEGMENTER.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** A first character that joins nothing before it, unless that joins everything. */
const STANDS_ALONE =
  /^[ -~\u{3041}-\u{3096}\u{30A1}-\u{30FA}\u{3001}-\u{3003}\u{4E00}-\u{9FFF}\u{FF01}-\u{FF60}]/u;

/** Whether `left + right` would fuse the end of one and the start of the other into one cluster. */
export function fuses(left: string, right: string): boolean {
  if (left === "" || right === "") return false;
  if (STANDS_ALONE.test(right) && STANDS_ALONE.test(left.slice(-1))) return false;
  const tail = graphemes(left.slice(-32)).at(-1) ?? "";
  const head = graphemes(right.slice(0, 32))[0] ?? "";
  return graphemes(tail + head).length === 1;
}

/** `text` in pieces of at most `maxWidth` columns, cut between graphemes. A single grapheme wider than that stays whole. */
export function splitByWidth(text: string, maxWidth: number): string[] {
  const pieces: string[] = [];
  let piece = "";
  let width = 0;
  for (const grapheme of graphemes(text)) {
    const next = graphemeWidth(grapheme);
    if (piece !== "" && width + next > maxWidth) {
      pieces.push(piece);
      piece = "";
      width = 0;
    }
    piece += grapheme;
    width += next;
  }
  if (piece !== "") pieces.push(piece);
  return pieces;
}

const WORD_SEGMENTERS = new Map<string, Intl.Segmenter>();

/** Cuts text of a script without spaces into words; for other languages at spaces and punctuation. */
export function wordSegmenter(language: string | undefined): Intl.Segmenter {
  const first = language?.split(",")[0] ?? "";
  const locale = isUnspacedLanguage(first) ? first : "";
  let segmenter = WORD_SEGMENTERS.get(locale);
  if (segmenter === undefined) {
    segmenter = new Intl.Segmenter(locale === "" ? undefined : locale, { granularity: "word" });
    WORD_SEGMENTERS.set(locale, segmenter);
  }
  return segmenter;
}
