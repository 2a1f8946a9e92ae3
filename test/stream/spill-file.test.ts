import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { SLAB_BYTES } from "../../src/stream/core/slab-pool.ts";
import type { JournalEntry } from "../../src/stream/core/spill.ts";
import { createSpillFile, resumeSpillFile, type SpillFile } from "../../src/stream/spill-file.ts";

const SLAB_FRAMES = SLAB_BYTES / 2;
const SLOT_FRAMES = 32_000;
/** For other processes: what is built. */
const SPILL_FILE_URL = new URL("../../dist/stream/spill-file.js", import.meta.url).href;

const opened: SpillFile[] = [];

afterEach(() => {
  for (const spill of opened.splice(0)) spill.discard();
});

function newPath(): string {
  return join(mkdtempSync(join(tmpdir(), "everyword-")), "talk.spill");
}

function open(make: () => SpillFile): SpillFile {
  const spill = make();
  opened.push(spill);
  return spill;
}

function slab(frame: number): Uint8Array {
  return new Uint8Array(SLAB_FRAMES * 2).fill(1 + ((frame / SLAB_FRAMES) % 250));
}

function putSlabs(spill: SpillFile, from: number, to: number): string[] {
  const said: string[] = [];
  for (let index = from; index < to; index += 1) {
    const sentence = spill.put(index * SLAB_FRAMES, slab(index * SLAB_FRAMES));
    if (sentence !== undefined) said.push(sentence);
  }
  return said;
}

function word(text: string): JournalEntry {
  const words = [{ text, start: 1, end: 2 }];
  return { type: "final", segment: "1:0", text, words } as unknown as JournalEntry;
}

/** What a killed process leaves: the same bytes, and nobody who has it open. */
function afterKill(spill: SpillFile): string {
  const copy = newPath();
  writeFileSync(copy, readFileSync(spill.path));
  return copy;
}

/** As if the process had been killed in the middle of its last entry. */
function breakOff(path: string): void {
  const bytes = readFileSync(path);
  const stride = 64_032;
  const newest = { at: 0, number: -1 };
  for (let at = 0; at + stride <= bytes.length; at += stride) {
    const isJournal = bytes.readUInt32BE(at + 4) === 2;
    const number = bytes.readDoubleBE(at + 8);
    if (isJournal && number > newest.number) Object.assign(newest, { at, number });
  }
  bytes.writeUInt32BE(bytes.readUInt32BE(newest.at + 24) - 10, newest.at + 24);
  writeFileSync(path, bytes);
}

describe("a spill file", () => {
  it("is for its owner only, and is gone when the session has lost nothing", () => {
    const spill = open(() => createSpillFile(newPath()));
    expect(statSync(spill.path).mode & 0o777).toBe(0o600);
    spill.note({
      type: "end",
      reason: "complete",
      audioSeconds: 0,
      words: 0,
      gaps: 0,
      reconnects: 0,
    });
    expect([existsSync(spill.path), spill.isKept]).toEqual([false, false]);
  });

  it("stays when the session failed with audio that was not answered", () => {
    const spill = open(() => createSpillFile(newPath()));
    spill.note({ type: "gap", start: 0, end: 1, reason: "unanswered" });
    spill.note({
      type: "end",
      reason: "failed",
      audioSeconds: 1,
      words: 0,
      gaps: 1,
      reconnects: 0,
    });
    expect([existsSync(spill.path), spill.isKept]).toEqual([true, true]);
    open(() => resumeSpillFile(spill.path));
  });

  it("has slots of whole slabs, or one would lie in two of them", () => {
    expect((SLOT_FRAMES * 2) % SLAB_BYTES).toBe(0);
  });

  it("uses the room of answered audio again", () => {
    const spill = open(() => createSpillFile(newPath()));
    for (let at = 0; at < 4000; at += 8) {
      putSlabs(spill, at, at + 8);
      spill.release((at + 4) * SLAB_FRAMES);
    }
    expect(statSync(spill.path).size).toBeLessThan(5 * 65_000);
    expect(spill.get(3999 * SLAB_FRAMES)).toEqual(slab(3999 * SLAB_FRAMES));
  });

  it("lets the oldest go at its bound, and says so once", () => {
    const spill = open(() => createSpillFile(newPath(), { hours: 0.01 }));
    const said = putSlabs(spill, 0, 400);
    expect(said).toEqual([expect.stringContaining("holds as many hours as it may")]);
    expect(spill.baseFrame).toBe(400 * SLAB_FRAMES - 19 * SLOT_FRAMES);
    expect(spill.get(spill.baseFrame)).toEqual(slab(spill.baseFrame));
    expect(spill.get(spill.baseFrame - SLAB_FRAMES)).toBeUndefined();
  });

  it("gives the next process all audio and every entry, up to a slab that was begun", () => {
    const spill = open(() => createSpillFile(newPath()));
    putSlabs(spill, 0, 37);
    spill.release(10 * SLAB_FRAMES);
    spill.note(word("one"));
    putSlabs(spill, 37, 38);
    spill.put(38 * SLAB_FRAMES, slab(7).subarray(0, 600));
    const next = open(() => resumeSpillFile(afterKill(spill)));
    expect(next.journal).toEqual({
      entries: [word("one")],
      endFrame: 38 * SLAB_FRAMES + 300,
      answeredFrame: 10 * SLAB_FRAMES,
    });
    expect(next.get(38 * SLAB_FRAMES)?.length).toBe(600);
    expect(next.get(12 * SLAB_FRAMES)).toEqual(slab(12 * SLAB_FRAMES));
    putSlabs(next, 38, 60);
    expect(next.get(59 * SLAB_FRAMES)).toEqual(slab(59 * SLAB_FRAMES));
  });

  it("keeps entries that are larger than a slot, and goes on behind one that broke off", () => {
    const spill = open(() => createSpillFile(newPath()));
    const long = Array.from({ length: 30 }, (_, index) => word(`${index}`.repeat(9000)));
    for (const entry of long) spill.note(entry);
    const broken = afterKill(spill);
    breakOff(broken);
    const second = open(() => resumeSpillFile(broken));
    expect(second.journal?.entries).toEqual(long.slice(0, -1));
    second.note(word("after"));
    const third = open(() => resumeSpillFile(afterKill(second)));
    expect(third.journal?.entries).toEqual([...long.slice(0, -1), word("after")]);
  });

  it("refuses a path that is taken, and a file that is none", () => {
    const spill = open(() => createSpillFile(newPath()));
    expect(() => createSpillFile(spill.path)).toThrow(/another session of this process/u);
    const other = newPath();
    writeFileSync(other, "hello");
    expect(() => createSpillFile(other)).toThrow(/exists; take its session up again/u);
    expect(() => resumeSpillFile(other)).toThrow(/is not the spill file/u);
    expect(() => resumeSpillFile(newPath())).toThrow(/There is no spill file .*; check the path/u);
    expect(() => createSpillFile(newPath(), { hours: 200 })).toThrow(RangeError);
  });

  it("takes up no file whose process runs, but one whose process's number is used again", async () => {
    const path = newPath();
    const script = `
      import { createSpillFile } from ${JSON.stringify(SPILL_FILE_URL)};
      createSpillFile(process.argv[1]);
      console.log("ready");
      process.stdin.resume();`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, path]);
    await once(child.stdout, "data");
    expect(() => resumeSpillFile(path)).toThrow(
      `${path} is in use by process ${child.pid}; let that end, or end it.`,
    );
    const text = readFileSync(path, "latin1");
    // The same number, but the process began at another time.
    const other = text.replace(
      /(?<=\|\d+\|)\d+(?=\|)/u,
      (started) => `${started.slice(1)}${(Number(started[0]) % 9) + 1}`,
    );
    expect(other).not.toBe(text);
    const reused = newPath();
    writeFileSync(reused, other, "latin1");
    expect(open(() => resumeSpillFile(reused)).journal?.endFrame).toBe(0);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(open(() => resumeSpillFile(path)).journal?.endFrame).toBe(0);
  });

  it("goes on with the oldest room when the disk is full, and keeps the newest audio", () => {
    const path = newPath();
    const script = `
      import { createSpillFile } from ${JSON.stringify(SPILL_FILE_URL)};
      process.on("SIGXFSZ", () => {});
      const spill = createSpillFile(process.argv[1]);
      const said = [];
      for (let index = 0; index < 200; index += 1) {
        const sentence = spill.put(index * ${SLAB_FRAMES}, new Uint8Array(${SLAB_BYTES}).fill(index));
        if (sentence !== undefined) said.push(sentence);
      }
      console.log(JSON.stringify({ said, base: spill.baseFrame, last: spill.get(199 * ${SLAB_FRAMES})[0] }));
      spill.discard();`;
    const node = `exec "$0" --input-type=module -e "$1" "$2"`;
    // 1024-byte blocks: room for 10 slots.
    const { stdout, stderr } = spawnSync(
      "bash",
      ["-c", `ulimit -f 640; ${node}`, process.execPath, script, path],
      { encoding: "utf8" },
    );
    expect(stderr).toBe("");
    const { said, base, last } = JSON.parse(stdout) as {
      said: string[];
      base: number;
      last: number;
    };
    expect(said).toEqual([expect.stringContaining("cannot grow (EFBIG")]);
    expect([base, last]).toEqual([200 * SLAB_FRAMES - 9 * SLOT_FRAMES, 199]);
    expect(existsSync(path)).toBe(false);
  });
});
