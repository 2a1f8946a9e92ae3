/** What one check of the doctor found. */
export interface Finding {
  readonly what: string;
  /** `works`; `missing`: something is not there that only some need; `broken`: transcribing would fail. */
  readonly state: "works" | "missing" | "broken";
  /** One clause. */
  readonly detail: string;
  /** The one command, or one sentence, that mends it. */
  readonly mend?: string | undefined;
}
