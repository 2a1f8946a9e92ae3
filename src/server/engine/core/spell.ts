/**
 * What is written is not what the dictionary holds: digits, currency and joined words are turned
 * into the words a reader would say, so that they can be aligned with the sound.
 */

const ONES = [
  "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
  "nineteen",
]; // prettier-ignore
const TENS = [
  "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
]; // prettier-ignore
const SCALES: readonly (readonly [number, string])[] = [
  [1_000_000_000, "billion"],
  [1_000_000, "million"],
  [1_000, "thousand"],
  [100, "hundred"],
];
const ORDINALS: Readonly<Record<string, string>> = {
  one: "first",
  two: "second",
  three: "third",
  five: "fifth",
  eight: "eighth",
  nine: "ninth",
  twelve: "twelfth",
};
const SIGNS: Readonly<Record<string, string>> = {
  "&": "and",
  "%": "percent",
  "@": "at",
  "#": "number",
  "+": "plus",
  "*": "star",
  "=": "equals",
};
const CURRENCIES: Readonly<Record<string, string>> = { $: "dollars", "£": "pounds", "€": "euros" };
/** Longer strings of digits are read one by one: telephone and card numbers. */
const LONGEST_NUMBER_DIGITS = 4;

/** The words a reader says for one written word: lower case, letters and apostrophes only. */
export function spellOut(written: string): string[] {
  const text = written.normalize("NFKD").replaceAll(/\p{M}/gu, "").replaceAll("’", "'");
  const tokens =
    text
      .toLowerCase()
      .match(/[a-z][a-z']*|\d{1,3}(?:,\d{3})+|\d+(?:st|nd|rd|th)\b|\d+(?:\.\d+)?|[&%@#+*=$£€]/gu) ??
    [];
  const words: string[] = [];
  let unit: string | undefined;
  for (const token of tokens) {
    if (CURRENCIES[token] !== undefined) unit = CURRENCIES[token];
    else if (SIGNS[token] !== undefined) words.push(SIGNS[token]);
    else if (/^\d/u.test(token)) words.push(...sayNumber(token));
    else words.push(token.replace(/'+$/u, ""));
  }
  if (unit !== undefined) words.push(unit);
  return words.filter((word) => word !== "");
}

function sayNumber(token: string): string[] {
  if (/[a-z]$/u.test(token)) return ordinal(sayInteger(Number.parseInt(token, 10)));
  if (token.includes(",")) return sayInteger(Number(token.replaceAll(",", "")));
  const [whole = "", fraction] = token.split(".");
  const said =
    whole.length > LONGEST_NUMBER_DIGITS || (whole.length > 1 && whole.startsWith("0"))
      ? sayDigits(whole)
      : sayWhole(Number(whole));
  return fraction === undefined ? said : [...said, "point", ...sayDigits(fraction)];
}

/** Four digits are mostly years: 1984 is nineteen eighty four. */
function sayWhole(value: number): string[] {
  const rest = value % 100;
  if (value >= 1_100 && value <= 2_099 && rest >= 10 && Math.trunc(value / 100) !== 20) {
    return [...sayInteger(Math.trunc(value / 100)), ...sayInteger(rest)];
  }
  return sayInteger(value);
}

function sayDigits(digits: string): string[] {
  return Array.from(digits, (digit) => ONES[Number(digit)] ?? "");
}

function sayInteger(value: number): string[] {
  for (const [scale, name] of SCALES) {
    if (value < scale) continue;
    const rest = value % scale;
    return [
      ...sayInteger(Math.trunc(value / scale)),
      name,
      ...(rest === 0 ? [] : sayInteger(rest)),
    ];
  }
  if (value < 20) return [ONES[value] ?? ""];
  const ones = value % 10;
  return [TENS[Math.trunc(value / 10)] ?? "", ...(ones === 0 ? [] : [ONES[ones] ?? ""])];
}

function ordinal(words: readonly string[]): string[] {
  const last = words.at(-1) ?? "";
  const said = ORDINALS[last] ?? (last.endsWith("y") ? `${last.slice(0, -1)}ieth` : `${last}th`);
  return [...words.slice(0, -1), said];
}
