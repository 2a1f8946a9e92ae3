import { readFileSync } from "node:fs";

/** The samples of a committed 16 kHz mono recording, and what is said in it. */
export function readRecording(name: string): { samples: Int16Array; words: string[] } {
  const url = new URL(`../../fixtures/${name}.wav`, import.meta.url);
  const bytes = readFileSync(url);
  let at = 12;
  while (bytes.toString("latin1", at, at + 4) !== "data") at += 8 + bytes.readUInt32LE(at + 4);
  const length = bytes.readUInt32LE(at + 4) >> 1;
  const samples = Int16Array.from({ length }, (_, index) => bytes.readInt16LE(at + 8 + 2 * index));
  if (bytes.readUInt32LE(24) === 8_000) return { samples: doubled(samples), words: wordsOf(name) };
  return { samples, words: wordsOf(name) };
}

/** 8 kHz to 16 kHz by the midpoint of neighbors: enough for a test of the recognizer. */
function doubled(samples: Int16Array): Int16Array {
  return Int16Array.from({ length: samples.length * 2 }, (_, index) => {
    const left = samples[index >> 1] ?? 0;
    return index % 2 === 0 ? left : Math.round((left + (samples[(index >> 1) + 1] ?? left)) / 2);
  });
}

function wordsOf(name: string): string[] {
  return readFileSync(new URL(`../../fixtures/${name}.txt`, import.meta.url), "utf8")
    .trim()
    .split(/\s+/u);
}

/** Substitutions, insertions and deletions between what was said and what was heard. */
export function countWordErrors(said: readonly string[], heard: readonly string[]): number {
  let row = heard.map((_, index) => index + 1);
  row.unshift(0);
  for (const [at, word] of said.entries()) {
    const next = [at + 1];
    for (const [index, other] of heard.entries()) {
      const substituted = (row[index] ?? 0) + (word === other ? 0 : 1);
      next.push(Math.min(substituted, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Lower case, no punctuation, hyphens as spaces: as the references are written. */
export function normalizeWords(texts: readonly string[]): string[] {
  return texts
    .join(" ")
    .toLowerCase()
    .replaceAll(/\bmr\./gu, "mister")
    .replaceAll("-", " ")
    .replaceAll(/[^a-z' ]/gu, "")
    .split(/\s+/u)
    .filter((word) => word !== "");
}
