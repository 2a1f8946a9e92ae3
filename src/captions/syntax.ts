/**
 * Where a reader would break a sentence. The caption guides agree: after punctuation, before a
 * conjunction or a preposition; never between article and noun, auxiliary and verb, first and last
 * name. Word lists for the languages that have such words; for the others punctuation and width
 * decide.
 */

interface FunctionWords {
  /** Articles, possessives, demonstratives: belong to the noun behind them. */
  readonly determiners: ReadonlySet<string>;
  readonly prepositions: ReadonlySet<string>;
  readonly conjunctions: ReadonlySet<string>;
  /** Auxiliaries, negations and infinitive marks: belong to the verb behind them. */
  readonly auxiliaries: ReadonlySet<string>;
  /** Subjects: belong to the verb behind them. */
  readonly pronouns: ReadonlySet<string>;
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}

const LEXICON: Readonly<Record<string, FunctionWords>> = {
  en: {
    determiners: words(
      "a an the my your his her its our their this that these those each every no some any",
    ),
    prepositions: words(
      "about above across after against along among around as at before behind below beneath beside between beyond by down during except for from in inside into like near of off on onto out outside over past since through throughout to toward towards under until up upon with within without",
    ),
    conjunctions: words(
      "and but or nor so yet because although though if unless while when whenever where wherever which who whom whose than whether that",
    ),
    auxiliaries: words(
      "am is are was were be been being have has had do does did will would shall should can could may might must not don't doesn't didn't won't can't couldn't shouldn't wouldn't isn't aren't wasn't weren't to",
    ),
    pronouns: words(
      "i you he she it we they i'm you're he's she's it's we're they're i've we've i'll we'll there there's",
    ),
  },
  de: {
    determiners: words(
      "der die das den dem des ein eine einen einem einer eines kein keine keinen mein meine dein deine sein seine ihr ihre unser unsere dieser diese dieses jeder jede jedes",
    ),
    prepositions: words(
      "an am auf aus bei beim bis durch für gegen hinter in im ins mit nach neben ohne seit über um unter von vom vor während wegen zu zum zur zwischen",
    ),
    conjunctions: words(
      "und oder aber denn sondern dass weil wenn als ob obwohl damit bevor nachdem während sodass",
    ),
    auxiliaries: words(
      "bin bist ist sind war waren habe hast hat haben hatte wird werden wurde kann können muss müssen soll will nicht zu",
    ),
    pronouns: words("ich du er sie es wir man"),
  },
  fr: {
    determiners: words(
      "le la les un une des du de mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette ces",
    ),
    prepositions: words(
      "à au aux avec chez contre dans depuis derrière devant en entre par pendant pour sans sous sur vers",
    ),
    conjunctions: words(
      "et ou mais donc or ni car que qui quand lorsque si parce puisque comme où dont",
    ),
    auxiliaries: words(
      "suis es est sommes êtes sont était étaient ai as a avons avez ont avait ne n'est pas va vais vont peut",
    ),
    pronouns: words("je tu il elle on nous vous ils elles"),
  },
  es: {
    determiners: words(
      "el la los las un una unos unas mi mis tu tus su sus nuestro nuestra este esta estos estas ese esa",
    ),
    prepositions: words(
      "a al ante bajo con contra de del desde durante en entre hacia hasta para por según sin sobre tras",
    ),
    conjunctions: words("y e o u pero ni sino que porque si cuando donde aunque como mientras"),
    auxiliaries: words(
      "soy eres es somos son era eran he has ha hemos han había está están no ser va van puede",
    ),
    pronouns: words("yo tú él ella nosotros ellos ellas usted ustedes se me te lo"),
  },
  it: {
    determiners: words(
      "il lo la i gli le un uno una mio mia tuo tua suo sua nostro nostra questo questa quel quella",
    ),
    prepositions: words(
      "a al alla con da dal dalla di del della dei delle in nel nella per su sul sulla tra fra senza",
    ),
    conjunctions: words("e ed o ma che perché se quando dove mentre come anche quindi"),
    auxiliaries: words(
      "sono sei è siamo siete era erano ho hai ha abbiamo hanno aveva non può sta",
    ),
    pronouns: words("io tu lui lei noi voi loro si mi ti ci"),
  },
  pt: {
    determiners: words(
      "o a os as um uma uns umas meu minha seu sua nosso nossa este esta esse essa aquele aquela",
    ),
    prepositions: words(
      "a ao à com contra de do da dos das desde em no na nos nas entre para pela pelo por sem sob sobre até",
    ),
    conjunctions: words("e ou mas que porque se quando onde embora como enquanto"),
    auxiliaries: words(
      "sou é somos são era eram tenho tem temos têm está estão não foi vai vão pode",
    ),
    pronouns: words("eu tu ele ela nós eles elas você vocês"),
  },
  nl: {
    determiners: words("de het een mijn jouw zijn haar ons onze hun deze dit die dat elke geen"),
    prepositions: words(
      "aan achter bij binnen boven door in langs met na naar naast om onder op over sinds tegen tot tussen uit van voor zonder",
    ),
    conjunctions: words("en of maar want dus dat omdat als toen terwijl hoewel zodat"),
    auxiliaries: words(
      "ben bent is was waren heb heeft hebben had wordt worden kan moet zal wil niet te",
    ),
    pronouns: words("ik jij je hij zij ze wij we"),
  },
};

const PARTICLES = words("up off out down away back");

const SENTENCE_END = /[.!?…。！？｡؟۔।॥።]["'”’»›)\]」』】]*$/u;
const CLAUSE_END = /[,;:—–、，；：،؛]["'”’»›)\]」』】]*$/u;
const ABBREVIATION =
  /^(?:mr|mrs|ms|dr|prof|st|jr|sr|vs|approx|dept|inc|ltd|co|gen|col|sgt|capt|rev|hon|bzw|ca|z\.b|d\.h|e\.g|i\.e|\p{L}|(?:\p{L}\.)+\p{L})\.$/iu;
/** Abbreviations only when a number follows: “No. 5”, but “No.”. */
const BEFORE_NUMBER = /^(?:no|nos|vol|fig|nr|p|pp|art|ch)\.$/iu;
/** Characters that must not open a line in Chinese and Japanese (kinsoku). */
const NEVER_FIRST =
  /^[、。，．・：；？！｡､)\]｝〕〉》」』】〙〗〟’”ゝゞーァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎ々〻‐–〜,.!?:;%]/u;
const NEVER_LAST = /[([｛〔〈《「『【〘〖〝‘“¿¡$£€¥#]$/u;

/** What the break decision reads of a word. */
export interface SyntaxWord {
  readonly text: string;
  readonly language?: string | undefined;
}

/** Whether no line may begin with `text`. */
export function neverBegins(text: string): boolean {
  return NEVER_FIRST.test(text);
}

/** Punctuation that stands alone and belongs to the word before it, or to the one behind it. */
export function punctuationSide(text: string): "before" | "behind" | undefined {
  if (!/^\p{P}+$/u.test(text)) return undefined;
  if (NEVER_FIRST.test(text)) return "before";
  return NEVER_LAST.test(text) ? "behind" : undefined;
}

/** Whether a sentence ends after `left`; `right` is the word behind it, where there is one. */
export function endsSentence(left: SyntaxWord, right?: SyntaxWord): boolean {
  if (!SENTENCE_END.test(left.text)) return false;
  if (right === undefined) return true;
  const word = left.text.replace(/^["'“‘(]+/u, "");
  if (ABBREVIATION.test(word)) return false;
  if (BEFORE_NUMBER.test(word) && /^\d/u.test(right.text)) return false;
  return !/^["'“‘(]*\p{Ll}/u.test(right.text);
}

/**
 * How bad it is to break between two neighboring words: 0 at the end of a sentence, 0.6 where
 * nothing is known, 1 and more where the two belong together, 8 where no typesetter would.
 */
export function breakCost(left: SyntaxWord, right: SyntaxWord): number {
  if (NEVER_FIRST.test(right.text) || NEVER_LAST.test(left.text)) return 8;
  if (endsSentence(left, right)) return 0;
  if (CLAUSE_END.test(left.text)) return 0.15;
  const lexicon = LEXICON[(right.language ?? left.language ?? "").slice(0, 2).toLowerCase()];
  const before = bare(left.text);
  const after = bare(right.text);
  if (lexicon !== undefined) {
    if (lexicon.determiners.has(before) && !lexicon.conjunctions.has(before)) return 1.6;
    if (lexicon.prepositions.has(before) || lexicon.conjunctions.has(before)) return 1.4;
    if (lexicon.auxiliaries.has(before)) return 1.2;
    if (lexicon.pronouns.has(before)) return 1.1;
  }
  if (isName(left, right)) return 1.3;
  if (/\d$/u.test(before) && !/^\d/u.test(after)) return 1;
  if (lexicon?.conjunctions.has(after) === true) return 0.25;
  // “hang up”, “take off”: more often a part of the verb before than a preposition.
  if (PARTICLES.has(after)) return 0.9;
  if (lexicon?.prepositions.has(after) === true) return 0.35;
  return 0.6;
}

function bare(text: string): string {
  return text
    .toLowerCase()
    .replaceAll("’", "'")
    .replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
}

/** Two capitalized words in a row are most likely one name, except where all nouns are capitalized. */
function isName(left: SyntaxWord, right: SyntaxWord): boolean {
  if ((right.language ?? "").startsWith("de")) return false;
  const capital = /^\p{Lu}[\p{Ll}’']/u;
  return capital.test(left.text) && capital.test(right.text) && /\p{L}$/u.test(left.text);
}
