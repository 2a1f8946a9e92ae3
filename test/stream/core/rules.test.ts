import { describe, expect, it } from "vitest";
import { ServiceWithdrawnError } from "../../../src/errors.ts";
import { judgeClose, judgeDial, type DialFailure } from "../../../src/stream/core/failure.ts";
import { levelOf, Loudness } from "../../../src/stream/core/loudness.ts";
import { DEFAULT_MACHINE_OPTIONS } from "../../../src/stream/core/machine-options.ts";
import { MediaClock } from "../../../src/stream/core/media-clock.ts";
import { Pacer } from "../../../src/stream/core/pacer.ts";
import { Redial } from "../../../src/stream/core/redial.ts";
import { DialGate } from "../../../src/stream/dial-gate.ts";

const target = { host: "host", url: "ws://host/path" };
const status = (code: number, body = "", isJson = false): DialFailure => ({
  kind: "status",
  status: code,
  body,
  isJson,
  retryAfterMs: undefined,
});

describe("a refused dial", () => {
  it.each([
    [status(401), "key-refused"],
    [status(403), "key-refused"],
    [status(402), "quota"],
    [status(400), "unsupported"],
    [status(415), "unsupported"],
    [status(422), "unsupported"],
    [status(404), "service-withdrawn"],
    [status(503, "no healthy upstream"), "service-withdrawn"],
    [{ kind: "host-not-found", message: "" } as const, "service-withdrawn"],
    [{ kind: "tls-refused", message: "" } as const, "service-withdrawn"],
  ])("ends the session: %j is %s (PROTOCOL §1.2, §8.1)", (failure, code) => {
    const verdict = judgeDial(failure, target, false);
    expect(verdict.kind).toBe("stop");
    expect(verdict.error.code).toBe(code);
    expect(verdict.error instanceof ServiceWithdrawnError).toBe(code === "service-withdrawn");
  });

  it.each([
    [status(429), "quota"],
    [status(503, '{"error":{"code":"DEPLOYMENT_SCALING_UP"}}', true), "server"],
    [status(500), "server"],
    [{ kind: "network", message: "connection refused" } as const, "network"],
    [{ kind: "busy", limit: 10 } as const, "quota"],
  ])("is tried again: %j, and in the end is %s", (failure, code) => {
    const verdict = judgeDial(failure, target, false);
    expect([verdict.kind, verdict.error.code]).toEqual(["retry", code]);
  });

  it("is told in the server's own sentence, not in its JSON (PROTOCOL §8.2)", () => {
    const body = '{"error":{"message":"No language de here.","type":"invalid_request_error"}}';
    expect(judgeDial(status(400, body, true), target, false).error.message).toBe(
      "host cannot do what is asked (HTTP 400: “No language de here.”); change the option it names.",
    );
  });

  it("with a 404 that names a model is about the model, not a withdrawn service (PROTOCOL §1.2)", () => {
    const body = '{"error":{"message":"Model x not found."}}';
    const { kind, error } = judgeDial(status(404, body, true), target, false);
    expect([kind, error?.code, error?.message]).toEqual([
      "stop",
      "unsupported",
      "host cannot do what is asked (HTTP 404: “Model x not found.”); check the model it names.",
    ]);
  });

  it("says whether a key was given, and the option that names one", () => {
    const told = [false, true].map((hasKey) => {
      const body = '{"error":{"message":"Who are you?"}}';
      return judgeDial(status(401, body, true), { ...target, hasKey }, false).error.message;
    });
    expect(told).toEqual([
      "host wants a key (HTTP 401: “Who are you?”), and none was given; name its file with --api-key-file, or set EVERYWORD_API_KEY (`apiKey` in the library).",
      "host refused the key (HTTP 401: “Who are you?”); check that it is current and may use streaming, or send it with --auth bearer (`auth` in the library).",
    ]);
  });

  it("of a host that was reached before is trouble of the network", () => {
    const verdict = judgeDial({ kind: "host-not-found", message: "" }, target, true);
    expect([verdict.kind, verdict.error.code]).toEqual(["retry", "network"]);
  });
});

describe("a closed connection", () => {
  it.each([
    [4401, false, "stop"],
    [1008, false, "stop"],
    [1008, true, "retry"],
    [1011, false, "retry"],
    [1006, false, "retry"],
    [1000, true, "retry"],
  ])("with code %i, useful %j: %s (W2, W51)", (code, wasUseful, kind) => {
    expect(judgeClose(code, "because", target, wasUseful).kind).toBe(kind);
  });
});

describe("redialing", () => {
  const verdict = judgeDial({ kind: "network", message: "refused" }, target, false);
  if (verdict.kind !== "retry") throw new Error(verdict.kind);

  it("gives up after three tries where nothing ever answered, a typo most likely", () => {
    const redial = new Redial(DEFAULT_MACHINE_OPTIONS.redial, () => 0.5);
    const delays = [0, 1, 2].map((now) => redial.failed(now, verdict));
    expect(delays).toEqual([250, 500, undefined]);
  });

  it("goes on until the deadline once a connection was open, and forgives on progress", () => {
    const redial = new Redial(DEFAULT_MACHINE_OPTIONS.redial, () => 0.999);
    redial.opened();
    for (let count = 0; count < 20; count += 1)
      expect(redial.failed(0, verdict)).toBeLessThan(8000);
    expect(redial.failed(119_000, verdict)).toBeUndefined();
    redial.progressed();
    expect(redial.failed(200_000, verdict)).toBeLessThan(500);
  });

  it("tries an HTTP 500 twice more, however many other failures there were, and forgets it on progress", () => {
    const policy = { ...DEFAULT_MACHINE_OPTIONS.redial.policy, attempts: Infinity };
    const redial = new Redial({ ...DEFAULT_MACHINE_OPTIONS.redial, policy }, () => 0);
    redial.opened();
    for (let count = 0; count < 3; count += 1) expect(redial.failed(0, verdict)).toBe(0);
    const refused = { ...verdict, twice: true };
    const tries = (): unknown[] => [0, 1, 2].map((now) => redial.failed(now, refused));
    expect(tries()).toEqual([0, 0, undefined]);
    redial.progressed();
    expect(tries()).toEqual([0, 0, undefined]);
  });

  it("goes on where a dial was answered once, though it is refused later", () => {
    const redial = new Redial(DEFAULT_MACHINE_OPTIONS.redial, () => 0);
    const answered = { ...verdict, isAnswered: true };
    for (let count = 0; count < 3; count += 1) expect(redial.failed(0, answered)).toBe(0);
    expect(redial.failed(0, verdict)).toBe(0);
  });

  it("waits as long as it was asked to, and does not wait for hours", () => {
    const redial = new Redial(DEFAULT_MACHINE_OPTIONS.redial, () => 0);
    expect(redial.failed(0, { ...verdict, afterMs: 3000 })).toBe(3000);
    expect(redial.failed(0, { ...verdict, afterMs: 3_600_000 })).toBeUndefined();
  });

  it("passes a gate that lets a burst through and then a steady stream", () => {
    const gate = new DialGate(100, 3);
    expect([0, 0, 0, 0, 0].map((now) => gate.reserveMs(now))).toEqual([0, 0, 0, 10, 20]);
    expect(gate.reserveMs(1000)).toBe(0);
  });
});

describe("loudness", () => {
  const chunk = 800;
  const put = (loudness: Loudness, from: number, count: number, level: number): void => {
    for (let at = 0; at < count; at += 1) loudness.measure(from + at * chunk, chunk, level);
  };

  it("is the mean absolute sample", () => {
    const samples = Int16Array.from({ length: 800 }, (_, index) => (index % 8 < 4 ? 300 : -300));
    expect(levelOf(new Uint8Array(samples.buffer))).toBe(300);
    expect(levelOf(new Uint8Array(0))).toBe(0);
  });

  it("stops the acknowledgement at the first sound, with room for its onset", () => {
    const loudness = new Loudness();
    put(loudness, 0, 20, 5);
    put(loudness, 16_000, 10, 2000);
    put(loudness, 24_000, 20, 5);
    expect(loudness.firstLoudFrame(0, 0, 0)).toBe(16_000 - 3200);
    expect(loudness.firstLoudFrame(24_000, 24_000, 0)).toBe(Infinity);
  });

  it("lets the end of a word ring out once much behind it was answered", () => {
    const loudness = new Loudness();
    put(loudness, 0, 10, 2000);
    put(loudness, 8000, 40, 5);
    expect(loudness.firstLoudFrame(6000, 6000, 7000)).toBe(-3200);
    expect(loudness.firstLoudFrame(6000, 6000, 9000)).toBe(Infinity);
  });

  it("takes the steady noise of a room for silence, and speech in it for speech", () => {
    const loudness = new Loudness();
    put(loudness, 0, 40, 150);
    put(loudness, 40 * chunk, 4, 800);
    expect(loudness.firstLoudFrame(0, 0, 0)).toBe(40 * chunk - 3200);
  });
});

describe("the pacer", () => {
  it("keeps absolute time for a source that runs ahead", () => {
    const pacer = new Pacer(1, 3);
    pacer.anchor(1000, 0);
    pacer.spend(1000, 800);
    expect([0, 800, 16_000, 16_000 * 3600].map((frame) => pacer.readyAtMs(frame))).toEqual([
      1000, 1050, 2000, 3_601_000,
    ]);
  });

  it("catches up with a live source that stumbled, and follows one that is fast", () => {
    const pacer = new Pacer(1, 3);
    pacer.anchor(0, 0);
    pacer.anchor(1500, 800);
    expect(pacer.readyAtMs(16_000)).toBe(1000);
    pacer.anchor(1590, 32_000);
    expect(pacer.readyAtMs(32_800)).toBe(1640);
    pacer.anchor(60_000, 48_000);
    expect(pacer.readyAtMs(48_800)).toBe(60_050);
  });

  it("catches up at three times real time at most (P19)", () => {
    const pacer = new Pacer(1, 3);
    pacer.anchor(0, 0);
    let now = 100_000;
    for (let frame = 0; frame < 480_000; frame += 3200) {
      now = Math.max(now, pacer.readyAtMs(frame));
      pacer.spend(now, 3200);
    }
    expect(Math.round((now - 100_000) / 100)).toBe(98);
  });
});

describe("the media clock", () => {
  it("jumps over time without audio, exactly", () => {
    const clock = new MediaClock();
    clock.jump(16_000, 32_000);
    clock.jump(32_000, 16_000);
    expect([15_999, 16_000, 31_999, 32_000].map((frame) => clock.seconds(frame) * 16_000)).toEqual([
      15_999, 48_000, 63_999, 80_000,
    ]);
    expect(clock.seconds(16_000, true)).toBe(1);
  });
});
