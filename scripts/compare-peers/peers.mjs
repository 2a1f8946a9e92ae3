// How each peer is driven: by its own documented live client, reconnecting switched on where it is
// there, against the fake service. `open` resolves with `send(chunk)` and `end()`.
import { WebSocket } from "ws";

export const PEERS = {
  "@deepgram/sdk": {
    version: "5.13.0",
    speak: {
      answer: (send, _count, connection) =>
        send({
          type: "Results",
          start: 0,
          duration: 0.1,
          is_final: true,
          channel_index: [0, 1],
          channel: { alternatives: [{ transcript: `on ${connection}`, confidence: 1, words: [] }] },
        }),
    },
    settings: "reconnectAttempts: 30 (its default)",
    async open({ DeepgramClient }, port, tell) {
      const client = new DeepgramClient({
        apiKey: "key",
        baseUrl: `ws://127.0.0.1:${port}`,
        environment: undefined,
      });
      const connection = await client.listen.v1.connect({
        model: "nova-3",
        Authorization: "Token key",
        reconnectAttempts: 30,
      });
      connection.on("message", (message) => tell(message.start, message.channel));
      connection.on("error", () => undefined);
      connection.connect();
      await connection.waitForOpen();
      return {
        send: (bytes) => connection.sendMedia(bytes),
        end: () => connection.close(),
      };
    },
  },
  assemblyai: {
    version: "4.41.5",
    tls: true,
    speak: {
      open: (send) => send({ type: "Begin", id: "1", expires_at: 9_999_999_999 }),
    },
    settings: "maxConnectionRetries: 10 (for connecting; there is no option for later)",
    async open({ StreamingTranscriber }, port) {
      const transcriber = new StreamingTranscriber({
        apiKey: "key",
        websocketBaseUrl: `wss://127.0.0.1:${port}/v3/ws`,
        sampleRate: 16_000,
        maxConnectionRetries: 10,
      });
      transcriber.on("error", () => undefined);
      transcriber.on("close", () => undefined);
      await transcriber.connect();
      return {
        send: (bytes) => transcriber.sendAudio(bytes.buffer),
        end: () => transcriber.close(false),
      };
    },
  },
  "@gladiaio/sdk": {
    version: "2.1.0",
    // It asks for it where the platform has no WebSocket, as Node 20 has none.
    beside: ["ws@8.23.0"],
    speak: {
      // Positions of the session: the second connection goes on where the first was answered.
      answer: (send, count, connection) => {
        const end = (connection === 1 ? count : 10 + count) * 3200;
        send({ type: "audio_chunk", acknowledged: true, data: { byte_range: [end - 3200, end] } });
      },
    },
    settings: "wsRetry as by default",
    async open({ GladiaClient }, port) {
      const client = new GladiaClient({ apiKey: "key", apiUrl: `http://127.0.0.1:${port}` });
      const session = client.liveV2().startSession({
        encoding: "wav/pcm",
        sample_rate: 16_000,
        bit_depth: 16,
        channels: 1,
      });
      session.on("error", () => undefined);
      await new Promise((resolve) => {
        session.once("connected", resolve);
      });
      return { send: (bytes) => session.sendAudio(bytes), end: () => session.endSession() };
    },
  },
  "@soniox/node": {
    version: "2.3.0",
    speak: {},
    settings: "none: there is no option for it",
    async open({ SonioxNodeClient }, port) {
      // It takes the platform's WebSocket; Node 20 has none, so its user brings one.
      globalThis.WebSocket ??= WebSocket;
      const client = new SonioxNodeClient({
        api_key: "key",
        realtime: { ws_base_url: `ws://127.0.0.1:${port}/transcribe-websocket` },
      });
      const session = client.realtime.stt({
        model: "stt-rt-preview",
        audio_format: "pcm_s16le",
        sample_rate: 16_000,
        num_channels: 1,
      });
      session.on("error", () => undefined);
      await session.connect();
      return { send: (bytes) => session.sendAudio(bytes), end: () => session.close() };
    },
  },
  "@speechmatics/real-time-client": {
    version: "8.5.1",
    speak: {
      greet: (send, { message }) => {
        if (message === "StartRecognition") send({ message: "RecognitionStarted", id: "1" });
      },
      answer: (send, count) => send({ message: "AudioAdded", seq_no: count }),
    },
    settings: "none: there is no option for it",
    async open({ RealtimeClient }, port) {
      const client = new RealtimeClient({ url: `ws://127.0.0.1:${port}/v2` });
      await client.start("jwt", {
        transcription_config: { language: "en" },
        audio_format: { type: "raw", encoding: "pcm_s16le", sample_rate: 16_000 },
      });
      return {
        send: (bytes) => client.sendAudio(bytes),
        end: () => client.socket?.close(),
      };
    },
  },
};
