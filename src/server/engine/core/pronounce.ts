/**
 * A rough reading of a word that no dictionary holds: one phone a letter, good enough to find
 * where the word lies between its neighbors, never to say it.
 */

const PAIRS: Readonly<Record<string, string>> = {
  ch: "CH",
  sh: "SH",
  th: "TH",
  ph: "F",
  wh: "W",
  ck: "K",
  ng: "NG",
  qu: "K W",
  oo: "UW",
  ee: "IY",
  ea: "IY",
  ai: "EY",
  ay: "EY",
  oa: "OW",
  ou: "AW",
  ow: "OW",
  oi: "OY",
  oy: "OY",
  au: "AO",
  aw: "AO",
  er: "ER",
  ir: "ER",
  ur: "ER",
};

const LETTERS: Readonly<Record<string, string>> = {
  a: "AE",
  b: "B",
  c: "K",
  d: "D",
  e: "EH",
  f: "F",
  g: "G",
  h: "HH",
  i: "IH",
  j: "JH",
  k: "K",
  l: "L",
  m: "M",
  n: "N",
  o: "AA",
  p: "P",
  q: "K",
  r: "R",
  s: "S",
  t: "T",
  u: "AH",
  v: "V",
  w: "W",
  x: "K S",
  y: "IY",
  z: "Z",
};

/** Phones of the CMU set, separated by spaces; `undefined` when there is no letter to read. */
export function guessPronunciation(word: string): string | undefined {
  const letters = word.toLowerCase().replaceAll(/[^a-z]/gu, "");
  const phones: string[] = [];
  let at = 0;
  while (at < letters.length) {
    const pair = PAIRS[letters.slice(at, at + 2)];
    const letter = letters[at] ?? "";
    const silentE = letter === "e" && at === letters.length - 1 && phones.length > 1;
    const doubled = letter === letters[at - 1];
    if (pair !== undefined) phones.push(pair);
    else if (!silentE && !doubled) phones.push(LETTERS[letter] ?? "");
    at += pair === undefined ? 1 : 2;
  }
  return phones.length === 0 ? undefined : phones.join(" ");
}
