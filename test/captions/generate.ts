/** Transcripts nobody would speak, to find what writers get wrong. The same seed gives the same ones. */
import type { Segment, Transcript, Word } from "../../src/transcript.ts";

/** Numbers from 0 to 1, from a seed: a 32-bit multiply-and-shift generator (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const VOCABULARIES: Readonly<Record<string, readonly string[]>> = {
  en: "the a of and because Barbara Johnson went to school, yesterday. Why? No! Dr. 42 percent incomprehensibilities don't said—well… (quietly)".split(
    " ",
  ),
  de: "der die das und weil Straßenbahnhaltestellenschild, gestern. Warum? nicht zu Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen".split(
    " ",
  ),
  zh: "我们 今天 去 公园 散步 ， 因为 天气 很 好 。 真的 吗 ？ 《 红楼梦 》".split(" "),
  ja: "きょう は ゃ コーヒー を 飲 み ました 。 ー ッ 東京 「 駅 」 A4".split(" "),
  th: "วันนี้ อากาศ ดี มาก เรา ไป เดินเล่น ที่ สวน สาธารณะ กำ ลัง".split(" "),
  ar: "في البيت، كان الولد يقرأ كتابًا. لماذا؟ نعم! مُحَمَّد".split(" "),
  hi: "मैं आज बाज़ार गया। क्यों? क्षत्रिय नहीं".split(" "),
  xx: [
    "👩‍👩‍👧‍👦",
    "🇩🇪",
    "👍🏽",
    "é",
    "<b>bold</b>",
    "-->",
    "--->",
    "&amp;",
    "&",
    "<",
    ">",
    "1 < 2 > 0",
    "{\\an8}",
    "{y:i}",
    "WEBVTT",
    "NOTE",
    "STYLE",
    "7",
    "00:00:01,000 --> 00:00:02,000",
    "a\nb",
    "\t",
    "C:\\Names",
    "\u{2028}",
    "‏שלום‏",
    "X-TIMESTAMP-MAP",
  ],
};

/** How the words get their times: honestly, or the ways recognizers spoil them (PROTOCOL P8–P10, U5, U14). */
const TIMINGS = [
  "true",
  "true",
  "true",
  "absent",
  "equal",
  "unsorted",
  "partial",
  "zero-length",
  "late",
  "reversed",
];

export function generateTranscript(seed: number): Transcript {
  const random = seeded(seed);
  const pick = <Item>(items: readonly Item[]): Item =>
    items[Math.floor(random() * items.length)] as Item;
  const languages = Object.keys(VOCABULARIES);
  const language = pick(languages);
  const speakers = pick([[undefined], [undefined], ["Anna", "Ben & <Co>"], ["0", "1", undefined]]);
  const segments: Segment[] = [];
  let clock = random() < 0.1 ? 359_998 : random() * 5;
  const count = 1 + Math.floor(random() * 6);
  for (let index = 0; index < count; index += 1) {
    const spoken = random() < 0.8 ? language : pick(languages);
    const pace = 0.05 + random() * 0.5;
    const speaker = pick(speakers);
    const start = clock;
    const words = Array.from({ length: Math.floor(random() * 30) }, (): Word => {
      const text = pick(VOCABULARIES[spoken] ?? []);
      const word = { text, start: clock, end: clock + pace };
      clock += pace + (random() < 0.05 ? random() * 5 : 0);
      return speaker === undefined || random() < 0.1 ? word : { ...word, speaker };
    });
    const joint = ["zh", "ja", "th"].includes(spoken) ? "" : " ";
    segments.push({
      id: `1:${index}`,
      text: random() < 0.8 ? words.map((word) => word.text).join(joint) : "",
      words: spoil(words, pick(TIMINGS), random),
      ...(spoken === "xx" ? {} : { language: spoken }),
      ...(random() < 0.8 ? { start, end: clock } : {}),
    });
    clock += random() * 4 - (random() < 0.2 ? 1 : 0);
    clock = Math.max(0, clock);
  }
  return { segments, ...(language === "xx" ? {} : { language }) };
}

type Spoiler = (word: Word, first: Word, random: () => number) => Word;

const SPOILERS: Readonly<Record<string, Spoiler>> = {
  absent: ({ text, speaker }) => (speaker === undefined ? { text } : { text, speaker }),
  equal: (word, { start }) => ({ ...word, start, end: start }),
  unsorted: (word, _, random) => (random() < 0.2 ? shift(word, -2) : word),
  partial: (word, _, random) =>
    random() < 0.5 ? { ...word, start: undefined, end: undefined } : word,
  "zero-length": (word) => ({ ...word, end: word.start }),
  late: (word) => shift(word, 18),
  reversed: (word) => ({ ...word, start: word.end, end: word.start }),
};

function shift(word: Word, seconds: number): Word {
  return { ...word, start: (word.start ?? 0) + seconds, end: (word.end ?? 0) + seconds };
}

function spoil(words: readonly Word[], timing: string, random: () => number): Word[] {
  const [first] = words;
  const spoiler = SPOILERS[timing];
  return words.map((word) => (spoiler === undefined ? word : spoiler(word, first ?? word, random)));
}
