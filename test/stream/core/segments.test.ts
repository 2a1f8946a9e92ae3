import { describe, expect, it } from "vitest";
import type { HeardSegment } from "../../../src/stream/core/heard.ts";
import { SegmentTable } from "../../../src/stream/core/segments.ts";

/** "1:a! b! c" = segment 1 with words a and b final, c not. Times count up. */
function message(...specs: string[]): HeardSegment[] {
  return specs.map((spec) => {
    const [id = "", text = ""] = spec.split(":");
    const words = text.split(" ").filter((part) => part !== "");
    return {
      key: /^\d+$/u.test(id) ? Number(id) : id,
      words: words.map((part, index) => ({
        text: part.replace("!", ""),
        startFrame: Number.parseInt(id.replace(/\D/gu, ""), 10) * 16_000 + index * 1000,
        endFrame: Number.parseInt(id.replace(/\D/gu, ""), 10) * 16_000 + index * 1000 + 900,
        final: part.endsWith("!"),
        confidence: undefined,
        language: undefined,
        estimated: false,
      })),
    };
  });
}

function taken(table: SegmentTable): string {
  return table
    .takeFinals()
    .map(({ entry, words }) => `${entry.key}:${words.map((word) => word.text).join(" ")}`)
    .join(", ");
}

describe("the segments of a connection", () => {
  it("leave word by word, in order, each once", () => {
    const table = new SegmentTable();
    table.apply(message("0:a! b"));
    expect(taken(table)).toBe("0:a");
    table.apply(message("0:a! b! c", "1:d!"));
    expect(taken(table)).toBe("0:b");
    table.apply(message("0:a! b! c!", "1:d!"));
    expect(taken(table)).toBe("0:c, 1:d");
    table.apply(message("0:a! b! c!", "1:d!"));
    expect(taken(table)).toBe("");
  });

  it("lose what a message takes back, but nothing that has left (P2, W14)", () => {
    const table = new SegmentTable();
    table.apply(message("0:a!", "1:b", "2:c"));
    expect(taken(table)).toBe("0:a");
    table.apply(message("1:b! c!"));
    expect(taken(table)).toBe("1:b c");
    table.apply(message("0:a!"));
    expect(taken(table)).toBe("");
  });

  it("may grow after they were final (W17), and sliding windows leave old ones alone (W12)", () => {
    const table = new SegmentTable();
    table.apply(message("0:a!", "1:b!"));
    expect(taken(table)).toBe("0:a, 1:b");
    table.apply(message("1:b! c!", "2:d"));
    expect(taken(table)).toBe("1:c");
  });

  it("keep what has left when it is worded differently later, and say so", () => {
    const table = new SegmentTable();
    table.apply(message("0:a! b!"));
    expect(taken(table)).toBe("0:a b");
    expect(table.apply(message("0:a! x! c!"))).toBe(true);
    expect(taken(table)).toBe("0:c");
  });

  it("say nothing again when they are fused after they had left, or parted (W14)", () => {
    const table = new SegmentTable();
    const [first, second] = message("0:no! no!", "1:no! no!");
    const parted = [first, second].filter((segment) => segment !== undefined);
    const words = parted.flatMap((segment) => segment.words);
    const fused = parted.slice(0, 1).map((segment) => ({ ...segment, words }));
    table.apply(parted);
    expect(taken(table)).toBe("0:no no, 1:no no");
    for (const listed of [fused, parted]) {
      table.apply(listed);
      expect(taken(table)).toBe("");
    }
    const late = new SegmentTable();
    late.apply(fused);
    expect(taken(late)).toBe("0:no no no no");
    late.apply(parted);
    expect(taken(late)).toBe("");
  });

  it("know a word again that is spelled as the middle of a sentence once they are fused (W14)", () => {
    const table = new SegmentTable();
    table.apply(message("0:day.!", "1:It! is!"));
    expect(taken(table)).toBe("0:day., 1:It is");
    const words = message("0:day!", "1:it! is! late!").flatMap((segment) => segment.words);
    table.apply([{ key: 0, words }]);
    expect(taken(table)).toBe("0:late");
  });

  it("take an id's next words for what they are, though they sound like its last (W14)", () => {
    const table = new SegmentTable();
    table.apply(message("0:a!", "1:no! no!"));
    expect(taken(table)).toBe("0:a, 1:no no");
    const later = message("2:no! no! no!").map((segment) => ({ ...segment, key: 1 }));
    table.apply(later);
    expect(taken(table)).toBe("1:no no no");
  });

  it("may overlap a little, though the words sound the same", () => {
    const table = new SegmentTable();
    table.apply(message("0:a! no!"));
    expect(taken(table)).toBe("0:a no");
    const early = message("1:no!").flatMap(({ words }) =>
      words.map((word) => ({ ...word, startFrame: 1800, endFrame: 3400 })),
    );
    table.apply([...message("0:a! no!"), { key: 1, words: early }]);
    expect(taken(table)).toBe("1:no");
  });

  it("are complete only when a word says so: no words, or one after a provisional one, do not (P27, U4)", () => {
    const table = new SegmentTable();
    table.apply(message("0:", "1:a b!"));
    expect(taken(table)).toBe("");
    table.apply(message("0:z!", "1:a! b!"));
    expect(taken(table)).toBe("0:z, 1:a b");
  });

  it("with ids that are no numbers are ordered by arrival (W13)", () => {
    const table = new SegmentTable();
    table.apply(message("seg_7:a!"));
    table.apply(message("seg_2:b!", "seg_7:a!"));
    expect(taken(table)).toBe("seg_7:a, seg_2:b");
  });

  it("count as final when they are old and finals never come (W18)", () => {
    const table = new SegmentTable();
    table.apply(message("0:a b", "1:c", "60:d"));
    expect(table.takeFinals(40 * 16_000).flatMap(({ words }) => words)).toHaveLength(3);
    expect(table.takeAll().flatMap(({ words }) => words)).toHaveLength(1);
  });

  it("may grow for twenty seconds after they were complete, however many came since", () => {
    const table = new SegmentTable();
    for (let second = 0; second <= 40; second += 1) {
      table.apply(message(`${second}:a!`));
      taken(table);
    }
    table.apply(message("22:a! late!", "40:a!"));
    expect(taken(table)).toBe("22:late");
    table.apply(message("18:a! lost!", "40:a!"));
    expect(taken(table)).toBe("");
  });

  it("are unsettled until they were seen complete, also when others are forgotten meanwhile", () => {
    const table = new SegmentTable();
    const unsettled = (): string[] => table.takeUnsettled().map(({ key }) => String(key));
    for (let second = 0; second < 40; second += 1) {
      table.apply(message(`${second}:a!`, `${second + 1}:b`));
      taken(table);
      expect(unsettled()).toEqual([`${second}`, `${second + 1}`]);
    }
  });

  it("say when ids begin again within a connection, and are left out (U1)", () => {
    const table = new SegmentTable();
    for (let id = 0; id < 40; id += 1) {
      table.apply(message(`${id}:a!`));
      taken(table);
    }
    table.apply(message("0:a!", "39:a!"));
    expect(table.takeAstray()).toBe(false);
    table.apply(message("40:b!").map((segment) => ({ ...segment, key: 0 })));
    expect([table.takeAstray(), table.takeAstray(), taken(table)]).toEqual([true, false, ""]);
  });

  it("are not said again by a server that lists all from the beginning for ever (W11)", () => {
    const table = new SegmentTable();
    const all: string[] = [];
    let said = 0;
    for (let id = 0; id < 200; id += 1) {
      all.push(`${id}:w!`);
      table.apply(message(...all));
      said += table.takeFinals().length;
    }
    expect(said).toBe(200);
    expect(table.entries.length).toBeLessThan(80);
  });
});
