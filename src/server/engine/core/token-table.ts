/**
 * The recognizer's token table, made from Llama's vocabulary: line `i` is the base64 of piece `i`,
 * a space, and `i`. A table of plain pieces is refused by the runtime, because pieces hold spaces
 * and bytes that are no characters.
 */

const VOCABULARY = /llama_vocab_base64\s*=\s*"(?<base64>[A-Za-z0-9+/=]+)"/u;
const BYTE_PIECE = /^<0x(?<hex>[0-9A-F]{2})>$/u;
const WORD_BOUNDARY = "\u2581";

/** Moonshine's output layer is wider than its vocabulary; the rest is never produced. */
export const TOKEN_COUNT = 32_768;

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * Reads the pieces out of the source text of `llama-tokenizer.js` without running it.
 * @throws TypeError when the text holds no vocabulary.
 */
export function readVocabulary(source: string): string[] {
  const base64 = VOCABULARY.exec(source)?.groups?.["base64"];
  if (base64 === undefined) {
    throw new TypeError(
      "Cannot read the vocabulary: the source must hold llama_vocab_base64, got none",
    );
  }
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes).split("\n");
}

/** The table's text, one line for each token, padded to {@link TOKEN_COUNT} with pieces that never occur. */
export function formatTokenTable(pieces: readonly string[], count = TOKEN_COUNT): string {
  const encoder = new TextEncoder();
  const lines: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const piece = pieces[index] ?? `<extra_${index}>`;
    const hex = BYTE_PIECE.exec(piece)?.groups?.["hex"];
    const bytes =
      hex === undefined
        ? encoder.encode(piece.replaceAll(WORD_BOUNDARY, " "))
        : Uint8Array.of(Number.parseInt(hex, 16));
    lines.push(`${toBase64(bytes)} ${index}`);
  }
  return `${lines.join("\n")}\n`;
}
