/** The languages of the protocol (PROTOCOL §6): 102 codes for streaming and transcription. */

const NAMES =
  "en English · zh Chinese · de German · es Spanish · ru Russian · ko Korean · fr French · ja Japanese · pt Portuguese · tr Turkish · pl Polish · ca Catalan · nl Dutch · ar Arabic · " +
  "sv Swedish · it Italian · id Indonesian · hi Hindi · fi Finnish · vi Vietnamese · he Hebrew · uk Ukrainian · el Greek · ms Malay · cs Czech · ro Romanian · da Danish · hu Hungarian · " +
  "ta Tamil · no Norwegian · th Thai · ur Urdu · hr Croatian · bg Bulgarian · lt Lithuanian · la Latin · mi Maori · ml Malayalam · cy Welsh · sk Slovak · te Telugu · fa Persian · " +
  "lv Latvian · bn Bengali · sr Serbian · az Azerbaijani · sl Slovenian · kn Kannada · et Estonian · mk Macedonian · br Breton · eu Basque · is Icelandic · hy Armenian · ne Nepali · " +
  "mn Mongolian · bs Bosnian · kk Kazakh · sq Albanian · sw Swahili · gl Galician · mr Marathi · pa Punjabi · si Sinhala · km Khmer · sn Shona · yo Yoruba · so Somali · af Afrikaans · " +
  "oc Occitan · ka Georgian · be Belarusian · tg Tajik · sd Sindhi · gu Gujarati · am Amharic · yi Yiddish · lo Lao · uz Uzbek · fo Faroese · ht Haitian Creole · ps Pashto · tk Turkmen · " +
  "nn Nynorsk · mt Maltese · sa Sanskrit · lb Luxembourgish · my Myanmar · bo Tibetan · tl Tagalog · mg Malagasy · as Assamese · tt Tatar · haw Hawaiian · ln Lingala · ha Hausa · " +
  "ba Bashkir · jw Javanese · su Sundanese · yue Cantonese · zh-hant Traditional Chinese · zh-hans Simplified Chinese";

/** Code -> English name, in the reference's order. */
export const LANGUAGES: ReadonlyMap<string, string> = new Map(
  NAMES.split(" · ").map((entry) => {
    const space = entry.indexOf(" ");
    return [entry.slice(0, space), entry.slice(space + 1)];
  }),
);

/** The 100 codes that translation accepts. */
export function isTranslatable(code: string): boolean {
  return LANGUAGES.has(code) && code !== "zh-hant" && code !== "zh-hans";
}

/** The code for a code or an English name in any letter case; `undefined` when there is none. */
export function languageCode(codeOrName: string): string | undefined {
  const wanted = codeOrName.trim().toLowerCase().replaceAll("_", "-");
  if (LANGUAGES.has(wanted)) return wanted;
  for (const [code, name] of LANGUAGES) if (name.toLowerCase() === wanted) return code;
  return undefined;
}
