/** The events of a session, as they come: to the terminal, to the files, and into the transcript. */
import type { TranscriptCollector } from "../../stream/core/collect.ts";
import type { EndEvent, SessionEvent } from "../../stream/core/events.ts";
import type { Io } from "../io.ts";
import { printTo, type Print } from "../print.ts";
import type { LiveView } from "./view.ts";
import type { WrittenFiles } from "./write-files.ts";

export interface Noted {
  readonly collector: TranscriptCollector;
  readonly files: WrittenFiles;
  readonly language: string | undefined;
}

/** An event that counts, whether this process was told it or another one. */
export async function note(
  event: SessionEvent,
  { collector, files, language }: Noted,
): Promise<void> {
  collector.push(event);
  if (event.type === "connected" || event.type === "reconnected") await files.begin();
  if (event.type === "final") await files.push(event, language);
}

export interface Printers {
  readonly out: Print;
  readonly err: Print;
}

/** Where files are written too, they go on when nobody reads what is printed. */
export function printersFor(io: Io, files: WrittenFiles, notify: (line: string) => void): Printers {
  if (files.isEmpty) return { out: printTo(io.stdout), err: printTo(io.stderr) };
  const tell = (): void => notify("nobody reads the output any more; the files are written on");
  return { out: printTo(io.stdout, tell), err: printTo(io.stderr, () => undefined) };
}

export interface Shown extends Noted {
  readonly view: LiveView;
  readonly io: Io;
  readonly printers: Printers;
}

/** Every event to its end, where it belongs. */
export async function show(
  events: AsyncIterable<SessionEvent>,
  { view, io, printers, ...noted }: Shown,
  onEvent: (event: SessionEvent) => void,
): Promise<EndEvent | undefined> {
  let end: EndEvent | undefined;
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    clearTimeout(timer);
    const at = view.nextTimeout?.();
    if (at === undefined) return;
    timer = setTimeout(
      () => {
        const out = view.tick?.(performance.now() - started) ?? "";
        if (out !== "") io.stdout.write(out);
        arm();
      },
      Math.max(10, started + at - performance.now()),
    );
  };
  const resize = (): void => {
    const out = view.resize?.() ?? "";
    if (out !== "") io.stdout.write(out);
  };
  io.stdout.on("resize", resize);
  try {
    // After `end` of a failed session the iterator throws what failed: read on to the end.
    for await (const event of events) {
      onEvent(event);
      await note(event, noted);
      const { out, err } = view.show(event, performance.now() - started);
      await printers.out(out);
      await printers.err(err);
      if (event.type === "end") end = event;
      arm();
    }
  } finally {
    clearTimeout(timer);
    io.stdout.off("resize", resize);
  }
  return end;
}
