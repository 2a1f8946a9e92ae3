/** Text inside subtitle files: what must not be read as markup, and how it is written instead. */

const CONTROL = /[\p{Cc}\u{2028}\u{2029}\u{FEFF}]+/gu;

/** Word joiner: takes no room, is no letter of a tag, and is never said. */
const GUARD = "\u{2060}";

/** One line that no reader takes for the end of a cue or for a timing line. */
export function plainLine(line: string): string {
  return breakArrows(
    line
      .replaceAll(CONTROL, " ")
      .replaceAll(/\p{Cs}/gu, "\u{FFFD}")
      .trim(),
  );
}

/** `-->` as `->`, as whisper writes it: the arrow would make a timing line of any text. */
export function breakArrows(text: string): string {
  return text.replaceAll(/-{2,}>/gu, "->");
}

/** The lines of a cue that are not blank, each fit for a subtitle file. */
export function plainLines(lines: readonly string[]): string[] {
  return lines
    .flatMap((line) => line.split(/\r\n|\r|\n/u))
    .map(plainLine)
    .filter((line) => line !== "");
}

/** Text of a WebVTT cue. */
export function escapeVtt(text: string): string {
  return guardBackslashes(
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  );
}

/**
 * The name in `<v name>`. The standard has escapes there, but ffmpeg shows them to the viewer, so
 * the three signs that need one become look-alikes.
 */
export function escapeVoice(name: string): string {
  const clean = name.replaceAll(CONTROL, " ").replaceAll(/\s+/gu, " ").trim();
  return clean.replaceAll("<", "‹").replaceAll(">", "›").replaceAll("&", "＆");
}

/** `\N` is a line break, and `\an8` a position, to players that go through ASS. */
function guardBackslashes(text: string): string {
  return text.replaceAll(/\\(?=[A-Za-z{}])/gu, `\\${GUARD}`).replaceAll(/\{(?=\\)/gu, `{${GUARD}`);
}

/**
 * Text of an SRT cue. The format has no escapes, and players drop whatever looks like a tag
 * (`<b>`, `{\an8}`, also `5 < 6 > 4`) or a line break (`\N`). An invisible word joiner behind the
 * sign keeps the text on the screen.
 */
export function guardSrt(text: string): string {
  return guardBackslashes(text)
    .replaceAll(/<(?=[^<>]*>)/gu, `<${GUARD}`)
    .replaceAll(/\{(?=[^{}\u{2060}][^{}]*\})/gu, `{${GUARD}`);
}

/** Takes the word joiners of {@link guardSrt} and {@link escapeVtt} back out. */
export function unguard(text: string): string {
  return text.replaceAll(/([<{\\])\u{2060}/gu, "$1");
}
