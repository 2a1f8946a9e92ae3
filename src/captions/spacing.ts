/**
 * What stands between two words: a space, or nothing. The text of the segment knows best; without
 * it, script and language decide (PROTOCOL §4.5.10).
 */
import { isUnspacedLanguage } from "../transcript.ts";

const UNSPACED_SCRIPT =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{Script=Bopomofo}\u{3000}-\u{303F}\u{30FC}\u{FF01}-\u{FF65}]/u;

/** Whether `text` holds a letter of a script that is written without spaces between words. */
export function hasUnspacedScript(text: string): boolean {
  return UNSPACED_SCRIPT.test(text);
}

/** Whether a space parts `left` from `right` when nothing but the two and their language is known. */
export function needsSpace(left: string, right: string, language?: string): boolean {
  const before = UNSPACED_SCRIPT.test(lastCharacter(left));
  const after = UNSPACED_SCRIPT.test(firstCharacter(right));
  if (before && after) return false;
  return !(isUnspacedLanguage(language) && (before || after));
}

function firstCharacter(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 32);
}

function lastCharacter(text: string): string {
  const last = text.slice(-2);
  return /^[\u{D800}-\u{DBFF}][\u{DC00}-\u{DFFF}]$/u.test(last) || last.length === 0
    ? last
    : (Array.from(last).at(-1) ?? "");
}

/** A word as the segment's text writes it. */
export interface PlacedWord {
  /** With the punctuation that the text has around it. */
  readonly text: string;
  readonly spaceBefore: boolean;
}

/**
 * Finds the words in the text they came from, and gives each the punctuation and the spacing it has
 * there. `undefined` when the text holds letters or digits that no word accounts for, or the words
 * stand in another order.
 */
export function placeWords(text: string, words: readonly string[]): PlacedWord[] | undefined {
  const lower = text.toLowerCase();
  if (lower.length !== text.length) return undefined;
  const placed: { text: string; spaceBefore: boolean }[] = [];
  let position = 0;
  for (const word of words) {
    const wanted = word.toLowerCase();
    const found = lower.indexOf(wanted, position);
    if (found < 0 || wanted.length !== word.length) return undefined;
    const between = splitBetween(text.slice(position, found));
    if (between === undefined) return undefined;
    const last = placed.at(-1);
    if (last === undefined) {
      placed.push({ text: joinLead(between) + word, spaceBefore: false });
    } else {
      last.text += between.trail;
      placed.push({ text: between.lead + word, spaceBefore: between.spaced });
    }
    position = found + word.length;
  }
  const rest = text.slice(position).trim();
  const last = placed.at(-1);
  if (last === undefined || /[\p{L}\p{N}]/u.test(rest)) return undefined;
  last.text += rest;
  return placed;
}

interface Between {
  /** Belongs to the word before. */
  readonly trail: string;
  /** Belongs to the word after. */
  readonly lead: string;
  readonly spaced: boolean;
}

function splitBetween(between: string): Between | undefined {
  if (between === "") return { trail: "", lead: "", spaced: false };
  if (/[\p{L}\p{N}]/u.test(between)) return undefined;
  const first = between.search(/\s/u);
  if (first < 0) return { trail: between, lead: "", spaced: false };
  const lead = /\S*$/u.exec(between)?.[0] ?? "";
  const middle = between.slice(first, between.length - lead.length).trim();
  const trail = between.slice(0, first);
  return { trail: middle === "" ? trail : `${trail} ${middle}`, lead, spaced: true };
}

function joinLead({ trail, lead }: Between): string {
  return trail + lead;
}
