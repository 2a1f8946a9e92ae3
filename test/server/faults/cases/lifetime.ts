/** W50–W57: how long a streaming connection lives. */
import { type FaultSetting, speakTones } from "../../../../src/server/testing.ts";
import { bounded, dial, mergedText, type PlainStream } from "../../support/plain-client.ts";
import { type Cases, see, type Start } from "./case.ts";

type Scenario = Readonly<Record<string, FaultSetting>>;

const SCRIPT = "one two three four five six seven eight nine ten eleven twelve";

async function open(start: Start, scenario: Scenario): Promise<PlainStream> {
  return dial((await start({ scenario })).url);
}

/** Streams and sees how it closes. */
function closing(
  scenario: Scenario,
  read: (stream: PlainStream, closed: number, reason: string) => unknown,
) {
  return async (start: Start): Promise<unknown> => {
    const stream = await open(start, scenario);
    stream.sendAudio(speakTones(SCRIPT).samples);
    const { code: closed, reason } = await stream.closed;
    return read(stream, closed, reason);
  };
}

function code(_stream: PlainStream, closed: number): number {
  return closed;
}

/** Streams in turn over several connections; how each of them ended. */
async function fates(url: string, count: number): Promise<unknown[]> {
  const ends: unknown[] = [];
  for (let n = 0; n < count; n++) {
    const stream = await dial(url);
    stream.sendAudio(speakTones(SCRIPT).samples);
    const end = stream.closed.then((closed) => closed.code);
    ends.push(
      await Promise.race([
        end,
        stream.finish().then(
          () => "whole",
          () => end,
        ),
      ]),
    );
    stream.socket.close();
  }
  return ends;
}

export const LIFETIME_CASES: Cases = {
  W50: {
    on: see(
      "no close frame, at the second, byte or message asked for",
      async (start) => {
        return [
          await closing({ W50: { seconds: 1 } }, code)(start),
          await closing({ W50: { bytes: 20_000 } }, code)(start),
          await closing({ W50: { messages: 2 } }, (stream, closed) => [
            closed,
            stream.messages.length,
          ])(start),
        ];
      },
      [1006, 1006, [1006, 2]],
    ),
  },
  W51: {
    on: see(
      "the close code and reason asked for",
      async (start) => {
        const seen: unknown[] = [];
        for (const wanted of [1000, 1001, 1006, 1008, 1009, 1011, 1012, 1013]) {
          const reason = wanted % 2 === 0 ? "so it goes" : "";
          const scenario = { W51: { code: wanted, reason, seconds: 0.5 } };
          seen.push(await closing(scenario, (_stream, closed, why) => [closed, why])(start));
        }
        return seen;
      },
      [1000, 1001, 1006, 1008, 1009, 1011, 1012, 1013].map((wanted) => [
        wanted,
        wanted % 2 === 0 && wanted !== 1006 ? "so it goes" : "",
      ]),
    ),
  },
  W52: {
    on: see(
      "a connection on which nothing comes is closed",
      async (start) => {
        const stream = await open(start, { W52: { seconds: 0.05 } });
        const { code: closed, reason } = await stream.closed;
        return [closed, reason];
      },
      [1001, "idle limit"],
    ),
  },
  W53: {
    on: see(
      "a connection is closed at its limit, busy or not",
      async (start) => {
        const stream = await open(start, { W53: { seconds: 0.1 } });
        while (stream.socket.readyState === stream.socket.OPEN) {
          stream.sendAudio(new Int16Array(800));
          await new Promise((resolve) => setImmediate(resolve));
        }
        const end = await stream.closed;
        return [end.code, end.reason];
      },
      [1001, "session limit"],
    ),
  },
  W54: {
    answered: see("a ping is answered", pinged({}), "pong"),
    ignored: see("a ping is not answered", pinged({ W54: "ignored" }), "nothing"),
    pings: see(
      "the server pings",
      async (start) => {
        const stream = await open(start, { W54: { variant: "pings", seconds: 0.02 } });
        const ping = new Promise((resolve) => {
          stream.socket.once("ping", () => resolve("ping"));
        });
        return bounded(ping, "ping");
      },
      "ping",
    ),
  },
  W55: {
    on: see(
      "the socket stays open; neither messages, echoes nor pongs come any more",
      async (start) => {
        const { url } = await start({ scenario: { W55: { seconds: 1, first: 1 } } });
        const frozen = await dial(url);
        let pongs = 0;
        frozen.socket.on("pong", () => pongs++);
        frozen.sendAudio(speakTones("early | late").samples);
        frozen.sendJson({ checkpoint_id: "final" });
        frozen.socket.ping();
        const other = await dial(url);
        other.sendAudio(speakTones("other").samples);
        await other.finish();
        return [frozen.socket.readyState, mergedText(frozen.messages).includes("late"), pongs];
      },
      [1, false, 0],
    ),
  },
  W56: {
    on: see(
      "the first two connections drop, the third works",
      async (start) =>
        fates((await start({ scenario: { W56: { count: 2, seconds: 0.5 } } })).url, 3),
      [1006, 1006, "whole"],
    ),
  },
  W57: {
    on: see(
      "the end marker is answered by a cut",
      async (start) => {
        const stream = await open(start, { W57: true });
        stream.sendAudio(speakTones("x").samples);
        stream.sendJson({ checkpoint_id: "final" });
        const { code: closed } = await stream.closed;
        return [closed, stream.messages.some((message) => "checkpoint_id" in message)];
      },
      [1006, false],
    ),
  },
};

/** Whether a pong comes before the end echo. */
function pinged(scenario: Scenario) {
  return async (start: Start): Promise<unknown> => {
    const stream = await open(start, scenario);
    let seen = "nothing";
    stream.socket.on("pong", () => (seen = "pong"));
    stream.socket.ping();
    await stream.finish();
    return seen;
  };
}
