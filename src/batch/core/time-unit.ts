/**
 * Times in nanoseconds as seconds: LocalAI prints Go's `time.Duration` as it is (core/schema/
 * transcription.go). No recording is 115 days long, and no segment ends within 10 ms.
 */
import { isRecord } from "../../error-body.ts";

/** Seconds up to here, nanoseconds from here on. */
const NANOSECONDS_FROM = 1e7;

/** The answer itself when its times are seconds. */
export function inSeconds(
  answer: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const times = [...timesOf(answer["segments"]), ...timesOf(answer["words"])];
  const nanoseconds =
    times.some((time) => time >= NANOSECONDS_FROM) && times.every(Number.isInteger);
  if (!nanoseconds) return answer;
  return { ...answer, segments: divided(answer["segments"]), words: divided(answer["words"]) };
}

function timesOf(list: unknown): number[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    if (!isRecord(item)) return [];
    const own = [item["start"], item["end"]].filter((time) => typeof time === "number");
    return [...own, ...timesOf(item["words"])];
  });
}

function divided(list: unknown): unknown {
  if (!Array.isArray(list)) return list;
  return list.map((item: unknown) =>
    isRecord(item)
      ? {
          ...item,
          start: scaled(item["start"]),
          end: scaled(item["end"]),
          words: divided(item["words"]),
        }
      : item,
  );
}

function scaled(time: unknown): unknown {
  return typeof time === "number" ? time / 1e9 : time;
}
