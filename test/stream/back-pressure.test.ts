import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { serverService } from "../../src/service.ts";
import { Connections, type ConnectionEvents } from "../../src/stream/connections.ts";
import { takePlace } from "../../src/stream/places.ts";
import type { StreamSocket } from "../../src/stream/socket.ts";
import { openWsSocket } from "../../src/stream/ws-socket.ts";

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const nothing = (): void => undefined;

it("sees what the kernel does not take of a real socket, and when it has taken all", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const connected = once(server, "connection") as Promise<[WebSocket]>;
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = await new Promise<StreamSocket>((resolve, reject) => {
    const opened: StreamSocket = openWsSocket(
      { url: `ws://127.0.0.1:${port}`, headers: {} },
      {
        onOpen: () => resolve(opened),
        onRefused: reject,
        onText: nothing,
        onSign: nothing,
        onClosed: nothing,
      },
    );
  });
  const [peer] = await connected;
  peer.pause();
  const chunk = new Uint8Array(16_000);
  let most = 0;
  for (let at = 0; at < 100 && most === 0; at += 1) {
    for (let count = 0; count < 64; count += 1) socket.send(chunk);
    await turn();
    most = socket.bufferedBytes;
  }
  expect(most).toBeGreaterThan(0);
  peer.resume();
  await expect.poll(() => socket.bufferedBytes, { timeout: 5000 }).toBe(0);
  socket.terminate();
  server.close();
});

it("sends nothing on a connection that was given up", async () => {
  const sent: string[] = [];
  const socket: StreamSocket = {
    send: (data) => sent.push(String(data)),
    close: nothing,
    terminate: nothing,
    bufferedBytes: 0,
  };
  const events: ConnectionEvents = {
    isWanted: () => true,
    onOpen: nothing,
    onRefused: nothing,
    onText: nothing,
    onSign: nothing,
    onClosed: nothing,
    onPressure: nothing,
  };
  const service = serverService("http://127.0.0.1:1");
  const host = "127.0.0.1:1";
  const target = { service, url: `ws://${host}`, host, maxConnections: 1, takePlace };
  const connections = new Connections({ ...target, openSocket: () => socket }, events);
  connections.dial(1);
  await turn();
  connections.send(1, "before");
  connections.drop(1);
  connections.send(1, "behind");
  expect(sent).toEqual(["before"]);
});
