/** What the tests use of W3C's validator, which has no types of its own. */
declare module "webvtt-parser" {
  interface ParsedVtt {
    readonly cues: readonly { readonly startTime: number; readonly endTime: number }[];
    readonly errors: readonly { readonly message: string; readonly line: number }[];
  }
  interface VttParser {
    parse(text: string, mode?: string): ParsedVtt;
  }
  const validator: { readonly WebVTTParser: new () => VttParser };
  export default validator;
}

/** Its own declarations do not resolve in Node's ESM. */
declare module "@plussub/srt-vtt-parser" {
  export function parse(text: string): {
    readonly entries: readonly {
      readonly from: number;
      readonly to: number;
      readonly text: string;
    }[];
  };
}
