/** The results of the parts of one recording as one result. */
import { joinTexts } from "../../transcript.ts";
import type { CheckedFields, FileWarning } from "./fields.ts";
import type { FileResult } from "./result.ts";
import { stitch } from "./stitch.ts";

/** Where a part lies in the recording. */
export interface PartPlace {
  readonly startSeconds: number;
  readonly endSeconds: number | undefined;
  readonly cutSeconds: number;
}

/** @param places of the same parts, in the same order. */
export function joinParts(
  parts: readonly FileResult[],
  places: readonly PartPlace[],
  fields: Pick<CheckedFields, "task" | "diarize">,
): FileResult {
  const segments = stitch(
    places.map(({ startSeconds, endSeconds, cutSeconds }, index) => ({
      segments: parts[index]?.segments ?? [],
      startSeconds,
      endSeconds: endSeconds ?? startSeconds,
      cutSeconds,
    })),
  );
  const languages = [...new Set(parts.flatMap((part) => part.languages))];
  const language = parts.find((part) => part.language !== undefined)?.language;
  return {
    task: fields.task,
    text: joinTexts(
      segments.map((segment) => segment.text),
      language,
    ),
    segments,
    duration: places.at(-1)?.endSeconds,
    language,
    languages,
    noSpeech: segments.length === 0,
    warnings: warningsOf(parts, fields.diarize),
    requestId: parts[0]?.requestId,
  };
}

function warningsOf(parts: readonly FileResult[], diarize: boolean): FileWarning[] {
  const unique = new Map<string, FileWarning>();
  for (const warning of parts.flatMap((part) => part.warnings)) {
    unique.set(`${warning.code} ${warning.message}`, warning);
  }
  const warnings = [...unique.values()];
  warnings.push({
    code: "sent-in-parts",
    message: `The recording was too large for one request and was sent in ${parts.length} parts.`,
  });
  if (diarize) {
    warnings.push({
      code: "speakers-per-part",
      message: "Speakers are told apart within each part only: 1:0 and 2:0 may be one voice.",
    });
  }
  return warnings;
}
