/** W1–W28: handshake and data of streaming. */
import { connect } from "node:net";
import { type FaultSetting, speakTones } from "../../../../src/server/testing.ts";
import {
  dial,
  type DialOptions,
  mergedText,
  type PlainStream,
  type WireMessage,
} from "../../support/plain-client.ts";
import { ask } from "../../support/running.ts";
import { type Cases, see, type Start } from "./case.ts";

type Scenario = Readonly<Record<string, FaultSetting>>;
type Json = Readonly<Record<string, unknown>>;

export const BOTH = "timestamp_granularities=word&timestamp_granularities=segment";
const SCRIPT = "alpha bravo charlie delta | echo foxtrot golf hotel";

/** Streams a script to the end; what is read from all messages. */
export function streamed(
  scenario: Scenario,
  read: (messages: readonly WireMessage[], stream: PlainStream) => unknown,
  options: DialOptions & { script?: string } = {},
) {
  return async (start: Start): Promise<unknown> => {
    const stream = await dial((await start({ scenario })).url, options);
    stream.sendAudio(speakTones(options.script ?? SCRIPT).samples);
    await stream.finish();
    return read(stream.messages, stream);
  };
}

export function segments(message: WireMessage | undefined): Json[] {
  return (message?.["segments"] ?? []) as Json[];
}

export function words(segment: Json | undefined): Json[] {
  return (segment?.["words"] ?? []) as Json[];
}

const transcriptions = (messages: readonly WireMessage[]): WireMessage[] =>
  messages.filter((message) => "segments" in message);

const idsOf = (messages: readonly WireMessage[]): unknown[] => [
  ...new Set(messages.flatMap(segments).map((segment) => segment["id"])),
];

function refusedWith(scenario: Scenario, options: DialOptions = {}) {
  return async (start: Start): Promise<unknown> => {
    const { url } = await start({ scenario });
    return dial(url, options).then(
      () => 101,
      (error: { status?: number }) => error.status,
    );
  };
}

async function upgradeStatus(start: Start, scenario: Scenario): Promise<number> {
  return (await ask(`${(await start({ scenario })).url}/v1/audio/transcriptions/streaming`)).status;
}

/** Whether an interim named an id that the final list of segments lacks, and the merged text. */
function withdrawn(messages: readonly WireMessage[]): unknown {
  const told = transcriptions(messages);
  const max = told.map((message) => Math.max(...segments(message).map((one) => Number(one["id"]))));
  return [max.some((id, n) => id > (max[n + 1] ?? id)), mergedText(segmentsBelow(told))];
}

/** Merges as PROTOCOL §4.6.3: ids above a message's largest are dropped. */
function segmentsBelow(told: readonly WireMessage[]): WireMessage[] {
  const kept = new Map<number, Json>();
  for (const message of told) {
    const listed = segments(message);
    const max = Math.max(...listed.map((segment) => Number(segment["id"])));
    for (const id of kept.keys()) if (id > max) kept.delete(id);
    for (const segment of listed) kept.set(Number(segment["id"]), segment);
  }
  return [{ segments: [...kept].toSorted(([a], [b]) => a - b).map(([, segment]) => segment) }];
}

const LONG = Array.from({ length: 8 }, (_unused, n) => `part${n} |`).join(" ");

export const STREAM_CASES: Cases = {
  W1: {
    on: see(
      "the status asked for, on the upgrade",
      async (start) => {
        const seen: unknown[] = [];
        for (const status of [401, 403, 404, 429, 503]) {
          seen.push(await refusedWith({ W1: { status } })(start));
        }
        return seen;
      },
      [401, 403, 404, 429, 503],
    ),
  },
  W2: {
    on: see(
      "an open socket, an error frame, the close code asked for",
      async (start) => {
        const seen: unknown[] = [];
        for (const code of [1008, 4001, 4401]) {
          const stream = await dial((await start({ scenario: { W2: { code } } })).url);
          const { code: closed } = await stream.closed;
          seen.push([closed, "error" in stream.messages[0]!]);
        }
        return seen;
      },
      [1008, 4001, 4401].map((code) => [code, true]),
    ),
  },
  W3: {
    "429": see(
      "the connection above the limit gets 429",
      async (start) => {
        const { url } = await start({ scenario: { W3: { limit: 1 } } });
        await dial(url);
        return dial(url).catch((error: { status: number }) => error.status);
      },
      429,
    ),
    "1013": see(
      "the connection above the limit is closed with 1013",
      async (start) => {
        const { url } = await start({ scenario: { W3: { variant: "1013", limit: 1 } } });
        await dial(url);
        return (await (await dial(url)).closed).code;
      },
      1013,
    ),
  },
  W4: {
    on: see(
      "the handshake is never answered; the server still serves others",
      async (start) => {
        const { url, port } = await start({ scenario: { W4: { first: 1 } } });
        const socket = connect(port, "127.0.0.1");
        let answer = "";
        socket.on("data", (data) => (answer += data.toString()));
        socket.write(
          "GET /v1/audio/transcriptions/streaming HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        );
        await new Promise((resolve) => socket.once("connect", resolve));
        await ask(`${url}/healthz`);
        const second = await dial(url);
        await second.finish();
        socket.destroy();
        return answer;
      },
      "",
    ),
  },
  W5: {
    "426": see("426 to a plain GET", (start) => upgradeStatus(start, {}), 426),
    "400": see("400 to a plain GET", (start) => upgradeStatus(start, { W5: "400" }), 400),
  },
  W6: {
    on: see(
      "bad and unknown parameters are a 400",
      async (start) => {
        const seen: unknown[] = [];
        for (const query of [
          "language=xx",
          "response_format=text",
          "sample_rate=48000",
          "language=en",
        ]) {
          seen.push(await refusedWith({ W6: true }, { query })(start));
        }
        return seen;
      },
      [400, 400, 400, 101],
    ),
  },
  W10: {
    on: see(
      "messages leave out what is older than the window",
      streamed(
        { W12: { seconds: 3 } },
        (messages) => segments(transcriptions(messages).at(-1)).length < 8,
        { script: LONG },
      ),
      true,
    ),
    off: see(
      "every segment in each message",
      streamed({ W10: false }, (messages) => segments(transcriptions(messages).at(-1)).length, {
        script: LONG,
      }),
      8,
    ),
  },
  W11: {
    on: see(
      "every segment from id 0",
      streamed(
        { W11: true, W12: { seconds: 3 } },
        (messages) => segments(transcriptions(messages).at(-1))[0]!["id"],
        { script: LONG },
      ),
      0,
    ),
  },
  W12: {
    on: see(
      "the window has the length asked for: its text loses what is older",
      streamed(
        { W12: { seconds: 4 } },
        (messages) => {
          const text = transcriptions(messages).at(-1)!["text"];
          return [text, mergedText(messages).split(" ").length];
        },
        { script: LONG },
      ),
      ["part5 part6 part7", 8],
    ),
  },
  W13: {
    number: see("ids are numbers", streamed({}, idsOf), [0, 1]),
    string: see("ids are numeric strings", streamed({ W13: "string" }, idsOf), ["0", "1"]),
    seg: see("ids are seg_N", streamed({ W13: "seg" }, idsOf), ["seg_0", "seg_1"]),
  },
  W14: {
    retracted: see(
      "a segment is told, then taken back",
      streamed({ W14: "retracted" }, withdrawn),
      [true, "alpha bravo charlie delta echo foxtrot golf hotel"],
    ),
    fused: see("two segments become one", streamed({ W14: "fused" }, withdrawn), [
      true,
      "alpha bravo charlie delta echo foxtrot golf hotel",
    ]),
  },
  W15: {
    on: see(
      "one id has several texts",
      streamed(
        {},
        (messages) =>
          new Set(
            messages
              .flatMap(segments)
              .filter((one) => one["id"] === 0)
              .map((one) => one["text"]),
          ).size > 1,
      ),
      true,
    ),
    off: see(
      "each segment is told once",
      streamed({ W15: false }, (messages) => transcriptions(messages).length),
      2,
    ),
  },
  W16: {
    on: see(
      "final after as much silence as asked: 1 s ends the segment, 2 s does not",
      async (start) => {
        const seen: unknown[] = [];
        for (const query of ["text_timeout_seconds=1", "text_timeout_seconds=2"]) {
          seen.push(await streamed({}, (messages) => idsOf(messages).length, { query })(start));
        }
        seen.push(
          await streamed({ W16: { seconds: 3 } }, (messages) => idsOf(messages).length)(start),
        );
        return seen;
      },
      [2, 1, 1],
    ),
  },
  W17: {
    on: see(
      "a final segment gets one more final word",
      streamed({ W17: true }, (messages) =>
        messages
          .flatMap(segments)
          .filter((one) => one["id"] === 0 && words(one).at(-1)?.["is_final"] === true)
          .map((one) => words(one).length)
          .slice(0, 2),
      ),
      [3, 4],
    ),
  },
  W18: {
    on: see(
      "no word is ever final",
      streamed({ W18: true }, (messages) =>
        messages
          .flatMap(segments)
          .flatMap(words)
          .some((word) => word["is_final"] === true),
      ),
      false,
    ),
  },
  W19: {
    ignored: see(
      "%2C gives no times",
      streamed({}, (messages) => "start" in segments(messages[0])[0]!, {
        query: "timestamp_granularities=word%2Csegment",
      }),
      false,
    ),
    accepted: see(
      "%2C gives times",
      streamed({ W19: "accepted" }, (messages) => "start" in segments(messages[0])[0]!, {
        query: "timestamp_granularities=word%2Csegment",
      }),
      true,
    ),
    off: see(
      "times without being asked",
      streamed({ W19: false }, (messages) => "start" in segments(messages[0])[0]!),
      true,
    ),
  },
  W20: {
    words: see(
      "words null",
      streamed({ W20: "words" }, (messages) => [
        messages[0]!["words"],
        segments(messages[0]).length,
      ]),
      [null, 1],
    ),
    segments: see(
      "segments null",
      streamed({ W20: "segments" }, (messages) => [
        messages[0]!["segments"],
        typeof messages[0]!["text"],
      ]),
      [null, "string"],
    ),
  },
  W21: {
    on: see(
      "languages joined by a comma",
      streamed({ W21: true }, (messages) => [
        messages[0]!["language"],
        segments(messages[0])[0]!["language"],
      ]),
      ["en,de", "en,de"],
    ),
  },
  W22: {
    on: see(
      "seek in segments",
      streamed({}, (messages) => typeof segments(messages[0])[0]!["seek"]),
      "number",
    ),
    off: see(
      "no seek",
      streamed({ W22: false }, (messages) => "seek" in segments(messages[0])[0]!),
      false,
    ),
  },
  W23: {
    on: see(
      "silence brings no message",
      streamed({}, (messages) => transcriptions(messages).length, { script: "x | | | | |" }),
      2,
    ),
    off: see(
      "silence brings the last message again",
      streamed({ W23: false }, (messages) => transcriptions(messages).length > 5, {
        script: "x | | | | |",
      }),
      true,
    ),
  },
  W24: {
    on: see("a second connection starts at 0", twoConnections({}), [0, 0.2]),
    off: see("a second connection goes on", twoConnections({ W24: false }), [2, 2.3]),
  },
  W25: {
    repeated: see(
      "each message twice",
      streamed({ W25: "repeated" }, (messages) => {
        const texts = transcriptions(messages).map((message) => JSON.stringify(message));
        return texts.every((text, n) => n % 2 === 0 || text === texts[n - 1]);
      }),
      true,
    ),
    reordered: see(
      "messages swap places, none is lost",
      streamed({ W25: "reordered" }, (messages) => {
        const lengths = transcriptions(messages).map((message) => String(message["text"]).length);
        return [
          lengths.some((length, n) => length < (lengths[n - 1] ?? 0)),
          new Set(lengths).size > 2,
        ];
      }),
      [true, true],
    ),
  },
  W26: {
    large: see(
      "a message of a megabyte",
      streamed({ W26: "large" }, (messages) => JSON.stringify(messages[0]).length > 1_000_000),
      true,
    ),
    burst: see(
      "a hundred messages at once",
      streamed({ W26: "burst" }, (messages) => transcriptions(messages).length >= 200),
      true,
    ),
  },
  W27: {
    "broken-json": see(
      "broken JSON before messages",
      streamed({ W27: "broken-json" }, (messages) => "raw" in messages[0]!),
      true,
    ),
    binary: see(
      "binary before messages",
      streamed({ W27: "binary" }, (messages) => "binary" in messages[0]!),
      true,
    ),
    "unknown-object": see(
      "an unknown object before messages",
      streamed({ W27: "unknown-object" }, (messages) => messages[0]!["object"]),
      "stt.output.weather",
    ),
    "no-key": see(
      "no known key before messages",
      streamed({ W27: "no-key" }, (messages) => Object.keys(messages[0]!)),
      ["colour"],
    ),
  },
  W28: {
    on: see(
      "nothing is read any more: the client's buffer grows",
      async (start) => {
        const { url } = await start({ scenario: { W28: { seconds: 1, first: 1 } } });
        const stuck = await dial(url);
        for (let n = 0; n < 40; n++) stuck.sendAudio(new Int16Array(200_000), 100_000);
        stuck.sendJson({ event_id: "", object: "stt.input.trace", trace_id: "t" });
        const other = await dial(url);
        for (let n = 0; n < 40; n++) other.sendAudio(new Int16Array(200_000), 100_000);
        await other.finish();
        return [
          stuck.socket.bufferedAmount > 1_000_000,
          stuck.messages,
          other.socket.bufferedAmount,
        ];
      },
      [true, [], 0],
    ),
  },
};

function twoConnections(scenario: Scenario) {
  return async (start: Start): Promise<unknown> => {
    const { url } = await start({ scenario });
    let first: Json = {};
    for (let connection = 0; connection < 2; connection++) {
      const stream = await dial(url, { query: BOTH });
      stream.sendAudio(speakTones("one | two").samples);
      await stream.finish();
      first = segments(stream.messages[0])[0]!;
      stream.socket.close();
      await stream.closed;
    }
    return [first["id"], first["start"]];
  };
}
