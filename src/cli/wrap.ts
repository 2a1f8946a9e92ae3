/** Text in rows of a terminal. Pure. */
import { graphemeWidth, graphemes, textWidth } from "../captions/graphemes.ts";

/** A row: `text.slice(start, end)`. White space between two rows belongs to neither. */
export interface Row {
  readonly start: number;
  readonly end: number;
}

/**
 * Rows of at most `width` columns, filled from the left, so that text which is appended later never
 * changes a row but the last. Breaks at spaces and beside wide characters; a word wider than a row
 * is cut between graphemes. Always at least one row.
 */
export function wrapRows(text: string, width: number): Row[] {
  const rows: Row[] = [];
  let start = 0;
  let end = 0;
  let used = 0;
  for (const piece of breakable(text)) {
    const columns = textWidth(piece.text);
    const lead = used === 0 ? 0 : piece.start - end;
    if (used + lead + columns <= width) {
      if (used === 0) start = piece.start;
      used += lead + columns;
      end = piece.start + piece.text.length;
      continue;
    }
    if (used > 0) rows.push({ start, end });
    ({ start, end, used } = cutWide(piece, width, rows));
  }
  rows.push({ start, end });
  return rows;
}

interface Piece {
  readonly text: string;
  readonly start: number;
}

/** Words, and each wide grapheme by itself. */
function* breakable(text: string): Generator<Piece> {
  for (const match of text.matchAll(/\S+/gu)) {
    const word = match[0];
    if (textWidth(word) === word.length) {
      yield { text: word, start: match.index };
      continue;
    }
    let narrow = "";
    let at = match.index;
    for (const grapheme of graphemes(word)) {
      const wide = graphemeWidth(grapheme) === 2;
      if (wide && narrow !== "") {
        yield { text: narrow, start: at - narrow.length };
        narrow = "";
      }
      if (wide) yield { text: grapheme, start: at };
      else narrow += grapheme;
      at += grapheme.length;
    }
    if (narrow !== "") yield { text: narrow, start: at - narrow.length };
  }
}

/** A piece at the start of a row; if it is wider than that, all but its last row go to `rows`. */
function cutWide(piece: Piece, width: number, rows: Row[]): Row & { used: number } {
  let { start } = piece;
  let end = start;
  let used = 0;
  for (const grapheme of graphemes(piece.text)) {
    const columns = graphemeWidth(grapheme);
    if (used > 0 && used + columns > width) {
      rows.push({ start, end });
      start = end;
      used = 0;
    }
    end += grapheme.length;
    used += columns;
  }
  return { start, end, used };
}

/** Rows that a line of `columns` takes on a terminal that wraps at `width`. */
export function physicalRows(columns: number, width: number): number {
  return Math.max(1, Math.ceil(columns / Math.max(1, width)));
}
