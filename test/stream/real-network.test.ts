import { describe, expect, it } from "vitest";
import { speakTones } from "../../src/server/testing.ts";
import type { Outcome, SessionEvent } from "../../src/index.ts";
import { lacksNetworks, SERVER_HOST, TestNetwork } from "../network.ts";

const SCRIPT =
  "the quick brown fox jumps over the lazy dog no no no no | four four two one four four two one " +
  "pack my box with jugs";
const spoken = speakTones(SCRIPT).words.map((word) => word.text);
const dist = (path: string): string => new URL(`../../dist/${path}`, import.meta.url).href;

const SERVER = `
  import { startTestServer } from "${dist("server/testing.js")}";
  const { url } = await startTestServer({ host: JSON.parse(process.argv[1]).host, log: () => {} });
  process.stdout.write(JSON.stringify(url) + "\\n");`;

/** Speaks in real time and says every event, when it came, and the outcome. */
const CLIENT = `
  import { openSession, serverService } from "${dist("index.js")}";
  import { speakTones } from "${dist("server/testing.js")}";
  const { url, script } = JSON.parse(process.argv[1]);
  const say = (value) => process.stdout.write(JSON.stringify({ atMs: Date.now(), ...value }) + "\\n");
  const session = openSession({ service: serverService(url), retry: { baseMs: 100 } });
  const audio = new Uint8Array(speakTones(script).samples.buffer);
  const speak = async () => {
    for (let at = 0; at < audio.length; at += 1600) await session.write(audio.subarray(at, at + 1600));
    await session.finish();
  };
  speak();
  for await (const event of session) say({ event });
  say({ outcome: await session.outcome });`;

interface Said {
  readonly atMs: number;
  readonly event?: SessionEvent;
  readonly outcome?: Outcome;
}

interface Heard {
  readonly words: readonly string[];
  readonly outcome: Outcome | undefined;
  /** From the fault to the first `reconnecting`. */
  readonly noticedMs: number;
  readonly causes: readonly string[];
}

interface Fault {
  /** Before anybody dials. */
  readonly before?: (network: TestNetwork) => void;
  /** At the first final word. */
  readonly strike?: (network: TestNetwork, signal: (signal: NodeJS.Signals) => void) => void;
  /** When the client has noticed so many times; then the network is healed. */
  readonly healsAfter?: number;
}

async function speakThrough({ before, strike, healsAfter = 1 }: Fault): Promise<Heard> {
  const network = new TestNetwork();
  try {
    const server = network.start("server", SERVER, { host: SERVER_HOST });
    const url = await server.next();
    before?.(network);
    const client = network.start("client", CLIENT, { url, script: SCRIPT });
    const words: string[] = [];
    const causes: string[] = [];
    let outcome: Outcome | undefined;
    let struckMs = strike === undefined ? 0 : Infinity;
    let struckByMs = 0;
    let noticedMs = 0;
    for (;;) {
      const said = (await client.next()) as Said | undefined;
      if (said === undefined) return { words, outcome, noticedMs, causes };
      outcome = said.outcome ?? outcome;
      const { event } = said;
      if (event?.type === "final") {
        words.push(...event.words.map((word) => word.text));
        if (struckMs === Infinity) {
          struckMs = Date.now();
          strike?.(network, (signal) => server.signal(signal));
          // The tool that strikes may take seconds on a busy machine.
          struckByMs = Date.now();
        }
      }
      // On a busy machine the first handshake may stall: that is not the fault.
      if (event?.type !== "reconnecting" || said.atMs < struckMs) continue;
      causes.push(event.cause);
      if (causes.length === 1) noticedMs = said.atMs - struckByMs;
      if (causes.length === healsAfter) {
        network.heal();
        server.signal("SIGCONT");
      }
    }
  } finally {
    network.close();
  }
}

/** What a busy machine may add to a time; virtual time tells it exactly, in the tests of the core. */
const BUSY_MS = 3000;

const complete = { reason: "complete", gaps: [] };

// Two processes a network, in real time, all networks at once.
const options = { concurrent: true, timeout: 300_000 };

describe.skipIf(lacksNetworks())("on a real network, every word is said once", options, () => {
  it("when a fifth of the packets is lost, in both directions", async () => {
    const { words, outcome } = await speakThrough({
      before: (network) => network.loseAtRandom(20),
    });
    expect(outcome).toMatchObject(complete);
    expect(words).toEqual(spoken);
  });

  it("when packets go nowhere: noticed within 5 s", async () => {
    const heard = await speakThrough({ strike: (network) => network.swallow() });
    expect(heard.outcome).toMatchObject(complete);
    expect(heard.outcome?.reconnects).toBeGreaterThanOrEqual(1);
    expect(heard.words).toEqual(spoken);
    expect(heard.causes[0]).toMatch(/no answer for/u);
    expect(heard.noticedMs).toBeLessThan(5000 + BUSY_MS);
  });

  it("when connections are reset, twice: noticed at once", async () => {
    const heard = await speakThrough({ strike: (network) => network.refuse(), healsAfter: 2 });
    expect(heard.outcome).toMatchObject(complete);
    expect(heard.outcome?.reconnects).toBeGreaterThanOrEqual(1);
    expect(heard.words).toEqual(spoken);
    // A third dial may have been under way when the second was noticed.
    expect(heard.causes.slice(0, 2)).toEqual(["close code 1006", "connection refused"]);
    expect(heard.noticedMs).toBeLessThan(1000 + BUSY_MS);
  });

  it("when the line is slower than the audio", async () => {
    const { words, outcome } = await speakThrough({ before: (network) => network.throttle(240) });
    expect(outcome).toMatchObject(complete);
    expect(words).toEqual(spoken);
  });

  it("when the kernel takes the socket away", async () => {
    const heard = await speakThrough({ strike: (network) => network.killSockets() });
    expect(heard.outcome).toMatchObject(complete);
    expect(heard.outcome?.reconnects).toBeGreaterThanOrEqual(1);
    expect(heard.words).toEqual(spoken);
    expect(heard.noticedMs).toBeLessThan(1000 + BUSY_MS);
  });

  it("when the server stands still, its sockets open: noticed within 5 s", async () => {
    const heard = await speakThrough({ strike: (_network, signal) => signal("SIGSTOP") });
    expect(heard.outcome).toMatchObject(complete);
    expect(heard.outcome?.reconnects).toBeGreaterThanOrEqual(1);
    expect(heard.words).toEqual(spoken);
    expect(heard.causes[0]).toMatch(/no answer for/u);
    expect(heard.noticedMs).toBeLessThan(5000 + BUSY_MS);
  });
});
