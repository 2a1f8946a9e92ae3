/** What a session that was killed, or that failed, left in its spill file. */
import { EverywordError } from "../errors.ts";
import { processIdentity, runningPid } from "../process-identity.ts";
import { readEntries } from "./core/journal-lines.ts";
import type { Journal } from "./core/spill.ts";
import { BYTES_PER_FRAME } from "./core/wire.ts";
import { SLOT_BYTES, SLOT_FRAMES, type SlotFile } from "./slot-file.ts";

export interface AudioSlot {
  readonly slot: number;
  readonly frame: number;
  filledBytes: number;
}

export interface Left {
  readonly journal: Journal;
  /** Oldest first, without a hole. */
  readonly audio: AudioSlot[];
  readonly free: number[];
  readonly journalSlots: number;
}

/** @throws EverywordError `input-unreadable` when it is not such a file, `usage` while its process runs. */
export function readLeft(path: string, file: SlotFile): Left {
  const audio: AudioSlot[] = [];
  const lines: { readonly number: number; readonly bytes: Uint8Array }[] = [];
  const free: number[] = [];
  let answeredFrame = 0;
  for (let slot = 0; slot < file.slots; slot += 1) {
    const header = file.readHeader(slot);
    if (header === undefined) free.push(slot);
    else if (header.kind === "audio") {
      audio.push({ slot, frame: header.number, filledBytes: header.filledBytes });
      answeredFrame = Math.max(answeredFrame, header.answeredFrame);
    } else {
      const bytes = new Uint8Array(header.filledBytes);
      if (file.read(slot, 0, bytes)) lines.push({ number: header.number, bytes });
    }
  }
  lines.sort((a, b) => a.number - b.number);
  const text = Buffer.concat(lines.map(({ bytes }) => bytes)).toString("utf8");
  checkOwner(path, text);
  audio.sort((a, b) => a.frame - b.frame);
  const unbroken = dropBroken(audio, free);
  const last = unbroken.at(-1);
  const endFrame = last === undefined ? 0 : last.frame + last.filledBytes / BYTES_PER_FRAME;
  const journal = { entries: readEntries(text), endFrame, answeredFrame };
  return { journal, audio: unbroken, free, journalSlots: lines.length };
}

/** The newest stretch without a hole; older slots are free. */
function dropBroken(audio: readonly AudioSlot[], free: number[]): AudioSlot[] {
  let from = Math.max(0, audio.length - 1);
  while (from > 0) {
    const before = audio[from - 1];
    const isWhole = before?.filledBytes === SLOT_BYTES;
    if (!isWhole || before.frame + SLOT_FRAMES !== audio[from]?.frame) break;
    from -= 1;
  }
  free.push(...audio.slice(0, from).map(({ slot }) => slot));
  return audio.slice(from);
}

const OWNER = /^\{"type":"owner","process":"([^"]+)"\}$/gmu;

/** The journal's line of the process that has the file, on a line of its own whatever was before. */
export function ownerLine(): string {
  return `\n${JSON.stringify({ type: "owner", process: processIdentity() })}\n`;
}

function checkOwner(path: string, text: string): void {
  const owner = [...text.matchAll(OWNER)].at(-1)?.[1];
  if (owner === undefined) {
    throw new EverywordError(
      "input-unreadable",
      `${path} is not the spill file of a session; name the file that was given when it began.`,
    );
  }
  const pid = runningPid(owner);
  if (pid !== undefined && pid !== process.pid) throw inUse(path, `process ${pid}`);
}

export function inUse(path: string, by: string): EverywordError {
  return new EverywordError("usage", `${path} is in use by ${by}; let that end, or end it.`);
}
