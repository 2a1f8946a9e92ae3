/** A journal as text: one JSON object a line, in the shape of the events (`everyword live --jsonl`). */
import type { JournalEntry } from "./spill.ts";

export function writeEntry(entry: JournalEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** The entries of a journal; a line that breaks off, or that nobody here wrote, is left out. */
export function readEntries(text: string): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (const line of text.split("\n")) {
    const value = parse(line);
    if (isEntry(value)) entries.push(value);
  }
  return entries;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is JournalEntry {
  if (!isRecord(value)) return false;
  switch (value["type"]) {
    case "final":
      return typeof value["segment"] === "string" && areWords(value["words"]);
    case "gap":
      return isPosition(value["start"]) && isPosition(value["end"]);
    case "jump":
      return isPosition(value["frame"]) && isPosition(value["frames"]);
    case "connected":
    case "reconnected":
      return isPosition(value["connection"]);
    case "end":
      return true;
    default:
      return false;
  }
}

function areWords(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((word: unknown) => {
      if (!isRecord(word) || typeof word["text"] !== "string") return false;
      return [word["start"], word["end"]].every((at) => at === undefined || isPosition(at));
    })
  );
}

function isPosition(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
