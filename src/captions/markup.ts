/** Text inside subtitle files: what must not be read as markup, and how it is written instead. */

const CONTROL = /[\p{Cc}\u{2028}\u{2029}\u{FEFF}]+/gu;

/** One line that no reader takes for the end of a cue or for a timing line. */
export function plainLine(line: string): string {
  return line
    .replaceAll(CONTROL, " ")
    .replaceAll(/-{2,}>/gu, "->")
    .replaceAll(/\p{Cs}/gu, "\u{FFFD}")
    .trim();
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
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The name in `<v name>`: an annotation, so it may hold neither `>` nor a line end. */
export function escapeVoice(name: string): string {
  return escapeVtt(name.replaceAll(CONTROL, " ").replaceAll(/\s+/gu, " ").trim());
}
