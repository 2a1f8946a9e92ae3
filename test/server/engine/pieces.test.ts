import { describe, expect, it } from "vitest";
import { PieceOrder } from "../../../src/server/engine/pieces.ts";
import type { RecognizedSegment } from "../../../src/server/recognizer.ts";

function record(showInterims: boolean): { order: PieceOrder; seen: string[] } {
  const seen: string[] = [];
  const deliver = ({ index, words, final }: RecognizedSegment): void => {
    seen.push(`${index} ${words.map(({ text }) => text).join(" ")}${final ? " final" : ""}`);
  };
  return { order: new PieceOrder(deliver, showInterims), seen };
}

const words = (text: string) => text.split(" ").map((word) => ({ text: word }));

describe("PieceOrder", () => {
  it("calls a segment final after the silence, not when it is decoded (W16)", () => {
    const { order, seen } = record(true);
    const piece = order.begin(0);
    order.setInterim(piece, words("good"), 10);
    order.setDecoded(piece, words("good morning"), 20);
    expect(seen).toEqual(["0 good", "0 good morning"]);
    order.closeAll();
    expect(seen.at(-1)).toBe("0 good morning final");
  });

  it("calls it final when the next speech begins", () => {
    const { order, seen } = record(true);
    order.setDecoded(order.begin(0), words("one"), 10);
    order.begin(20);
    expect(seen).toEqual(["0 one", "0 one final"]);
  });

  it("delivers in order although a later piece is decoded first", () => {
    const { order, seen } = record(false);
    const first = order.begin(0);
    const second = order.begin(20);
    order.closeAll();
    order.setDecoded(second, words("two"), 30);
    expect(seen).toEqual([]);
    order.setDecoded(first, words("one"), 10);
    expect(seen).toEqual(["0 one final", "1 two final"]);
  });

  it("gives no number to a piece without words, and empties one that had shown some", () => {
    const { order, seen } = record(true);
    order.setDecoded(order.begin(0), [], 10);
    const noise = order.begin(20);
    order.setInterim(noise, words("uh"), 30);
    order.setDecoded(noise, [], 40);
    order.setDecoded(order.begin(50), words("hello"), 60);
    order.closeAll();
    expect(seen).toEqual(["0 uh", "0 ", "0  final", "1 hello", "1 hello final"]);
  });

  it("ignores an interim that comes after the words are settled", () => {
    const { order, seen } = record(true);
    const piece = order.begin(0);
    order.setDecoded(piece, words("settled"), 10);
    order.setInterim(piece, words("late"), 5);
    expect(seen).toEqual(["0 settled"]);
  });

  it("shows the words of a complete piece before their times are found, and calls it final after", () => {
    const { order, seen } = record(true);
    const piece = order.begin(0);
    order.setSettled(piece, words("all said"), 20);
    order.setInterim(piece, words("late"), 25);
    order.closeAll();
    expect(seen).toEqual(["0 all said"]);
    order.setDecoded(piece, words("all said"), 20);
    expect(seen.at(-1)).toBe("0 all said final");
  });

  it("ignores an interim that reaches less far than what was shown", () => {
    const { order, seen } = record(true);
    const piece = order.begin(0);
    order.setInterim(piece, words("one two"), 20);
    order.setInterim(piece, words("one"), 10);
    expect(seen).toEqual(["0 one two"]);
  });

  it("shows no interims when none are wanted", () => {
    const { order, seen } = record(false);
    const piece = order.begin(0);
    order.setInterim(piece, words("a"), 5);
    order.setDecoded(piece, words("a b"), 10);
    order.closeAll();
    expect(seen).toEqual(["0 a b final"]);
  });
});
