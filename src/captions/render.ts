/** The lines of a cue with markup around or between its words. */
import type { Cue, CueWord } from "./cue.ts";
import { plainLine, plainLines } from "./markup.ts";

/** The text of the cue's lines, joined by `\n`, each passed through `escape`. */
export function renderLines(cue: Cue, escape: (text: string) => string): string {
  return escape(plainLines(cue.lines).join("\n"));
}

/**
 * The same, built from the words, so that `mark` can put markup around each (it gets the escaped
 * word and its index). A cue without words falls back to its lines.
 */
export function renderWords(
  cue: Cue,
  escape: (text: string) => string,
  mark: (escaped: string, index: number, word: CueWord) => string,
): string {
  const { words } = cue;
  if (words === undefined || words.length === 0) return renderLines(cue, escape);
  let text = "";
  words.forEach((word, index) => {
    const before = words[index - 1];
    const opens = before !== undefined && before.line !== word.line;
    const lead = opens ? "\n" : word.spaceBefore && index > 0 ? " " : "";
    text += lead + mark(escape(plainLine(word.text)), index, word);
  });
  return text;
}

/** {@link renderWords} with the word being said underlined, as whisper's `--highlight_words` does. */
export function renderHighlight(cue: Cue, escape: (text: string) => string): string {
  if (cue.highlight === undefined) return renderLines(cue, escape);
  return renderWords(cue, escape, (word, index) =>
    index === cue.highlight ? `<u>${word}</u>` : word,
  );
}
