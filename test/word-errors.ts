/** Word error rate as RECOGNIZER measures it: case and punctuation dropped, numbers spelled out. */

const UNITS =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

function spell(n: number): string {
  if (n < 20) return UNITS[n] ?? "";
  if (n < 100)
    return `${TENS[Math.floor(n / 10)] ?? ""} ${n % 10 === 0 ? "" : spell(n % 10)}`.trim();
  if (n < 1000)
    return `${spell(Math.floor(n / 100))} hundred ${n % 100 === 0 ? "" : spell(n % 100)}`.trim();
  return Array.from(String(n), (digit) => spell(Number(digit))).join(" ");
}

export function normalizeWords(text: string): string[] {
  return text
    .toLowerCase()
    .replaceAll(/\bmr\b\.?/gu, "mister")
    .replaceAll(/\d+/gu, (digits) => ` ${spell(Number(digits))} `)
    .replaceAll(/[^a-z' ]+/gu, " ")
    .split(/\s+/u)
    .filter((word) => word !== "");
}

export interface WordErrors {
  /** Words of the reference. */
  readonly words: number;
  /** Substitutions, insertions and deletions of the best alignment. */
  readonly errors: number;
}

export function countWordErrors(reference: string, hypothesis: string): WordErrors {
  const wanted = normalizeWords(reference);
  const heard = normalizeWords(hypothesis);
  let row = heard.map((_, j) => j + 1);
  row.unshift(0);
  for (const [i, word] of wanted.entries()) {
    const next = [i + 1];
    for (const [j, other] of heard.entries()) {
      const replaced = (row[j] ?? 0) + (word === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return { words: wanted.length, errors: row.at(-1) ?? 0 };
}
