import { describe, expect, it } from "vitest";
import { authorizationValue, serverService, type ApiKey } from "../../src/service.ts";
import { planSession, type SessionOptions } from "../../src/stream/options.ts";
import { openSession } from "../../src/stream/session.ts";
import { MemoryNetwork } from "./memory-socket.ts";

const service = serverService("http://127.0.0.1:1");

/** Options as a caller without types can give them. */
function given(options: object): SessionOptions {
  return { service, ...options };
}

describe("options that cannot be are refused at once", () => {
  it.each([
    [{ whenFull: "Drop" }, "whenFull must be wait or drop, got Drop"],
    [{ endForm: "x" }, "endForm must be checkpoint, trace or both, got x"],
    [{ version: 3 }, "version must be 1 or 2, got 3"],
    [{ retry: { attempts: Number.NaN } }, "retry.attempts must be 0 or more, got NaN"],
    [{ retry: { baseMs: -5 } }, "retry.baseMs must be 0 or more, got -5"],
    [{ retry: { capMs: "1" } }, "retry.capMs must be 0 or more, got 1"],
    [{ retry: { maxRetryAfterMs: -1 } }, "retry.maxRetryAfterMs must be 0 or more, got -1"],
  ])("%j", (options, said) => {
    expect(() => planSession(given(options))).toThrow(
      new RangeError(`Cannot open a session: ${said}`),
    );
  });

  it("a time of the source that is none", () => {
    const session = openSession({ service, signal: AbortSignal.abort() });
    for (const seconds of [Infinity, -1, Number.NaN, Date.now()]) {
      expect(() => session.writeAt(seconds, new Uint8Array(2))).toThrow(RangeError);
    }
  });
});

it("leaves a number of retry that was not said as it is by default", () => {
  const { redial } = planSession(given({ retry: { attempts: undefined, baseMs: 1 } })).machine;
  expect(redial.policy).toMatchObject({ attempts: 30, baseMs: 1, capMs: 8000 });
  expect(planSession(given({ retry: { attempts: Infinity } })).machine.redial.policy).toEqual({
    ...redial.policy,
    attempts: Infinity,
    baseMs: 500,
  });
});

describe("a key that cannot be sent", () => {
  const SAID =
    "Cannot send the API key: it must hold only what a header can, got another character";

  it("is refused with the options, and is not in the message", () => {
    for (const key of ["fw_very\nsecret", "fw_very\u201Csecret", "fw_very\u0000secret"]) {
      expect(() => openSession({ service: serverService("http://127.0.0.1:1", key) })).toThrow(
        new TypeError(`${SAID} at position 8`),
      );
    }
    const number = 12_345_678 as unknown as string;
    expect(() => openSession({ service: { ...service, apiKey: number } })).toThrow(
      new TypeError("Cannot send the API key: it must be a string, got number"),
    );
  });

  it("from a function ends the session at the first dial", async () => {
    for (const key of ["fw_very\nsecret", 12_345_678 as unknown as string]) {
      const { net, outcome } = await dialWith(() => key);
      expect([outcome.reason, outcome.error?.code, net.calls]).toEqual([
        "failed",
        "key-refused",
        0,
      ]);
      expect(outcome.error?.message).toMatch(
        /^The function .* \(Cannot send the API key: it must/u,
      );
      expect(outcome.error?.message).not.toMatch(/secret|12345678/u);
    }
  });

  it("only for the line end behind it is sent without that", async () => {
    for (const key of ["fw_key\r\n", () => "fw_key\n"]) {
      const { net, outcome } = await dialWith(key);
      expect([outcome.reason, net.keys]).toEqual(["complete", ["fw_key"]]);
    }
    const { net } = await dialWith("\n");
    expect(net.keys).toEqual([undefined]);
    expect(authorizationValue(" fw_key\n", "bearer")).toBe("Bearer fw_key");
  });
});

async function dialWith(apiKey: ApiKey) {
  const net = new MemoryNetwork([{ dial: "opens", dialMs: 1, answers: "all" }]);
  const session = openSession({
    service: serverService("http://127.0.0.1:1", apiKey),
    openSocket: net.openSocket,
  });
  return { net, outcome: await session.finish() };
}
