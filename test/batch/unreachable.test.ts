import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer, type Server, Socket } from "node:net";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { expect, onTestFinished, test, vi } from "vitest";
import { faultOf } from "../../src/batch/fault-of.ts";
import { transcribeFile } from "../../src/batch/transcribe-file.ts";
import { serverService } from "../../src/service.ts";
import { patternBytes, temporaryDirectory, temporaryFile } from "./script-server.ts";
import { lacks } from "../programs.ts";

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A bare socket server. */
function serveSockets(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return portOf(server);
}

async function failure(url: string, connectTimeoutMs?: number): Promise<[unknown, number]> {
  const path = await temporaryFile(patternBytes(100));
  let retries = 0;
  const error = await transcribeFile(path, {
    service: serverService(url, "fw_secret_key_1"),
    retry: { attempts: 2, baseMs: 1, capMs: 1 },
    connectTimeoutMs,
    onRetry: () => {
      retries += 1;
    },
  }).catch((caught: unknown) => caught);
  return [error, retries];
}

test("PROTOCOL §1.2: a name that does not exist is told from a resolver that is out of order", () => {
  const kinds = ["ENOTFOUND", "EAI_AGAIN"].map(
    (code) => faultOf(Object.assign(new Error(code), { code }), "resolve", false).kind,
  );
  expect(kinds).toEqual(["host-not-found", "broken"]);
});

test("PROTOCOL §1.2: a host that refuses the TLS handshake is a withdrawn service, at once", async () => {
  const port = await serveSockets((socket) => {
    // A fatal handshake_failure alert (RFC 8446 §6).
    socket.once("data", () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40])));
  });
  expect(await failure(`https://127.0.0.1:${port}`)).toMatchObject([
    { code: "service-withdrawn", signal: "tls-refused" },
    0,
  ]);
});

test("a connection that is cut in the handshake is the network's fault and worth another try", async () => {
  const port = await serveSockets((socket) => {
    socket.once("data", () => socket.resetAndDestroy());
  });
  expect(await failure(`https://127.0.0.1:${port}`)).toMatchObject([{ code: "network" }, 2]);
});

test("TLS connections hold no last bytes back for an acknowledgement (TCP_NODELAY)", async () => {
  const spy = vi.spyOn(Socket.prototype, "setNoDelay");
  onTestFinished(() => spy.mockRestore());
  const port = await serveSockets((socket) => {
    socket.once("data", () => socket.resetAndDestroy());
  });
  await failure(`https://127.0.0.1:${port}`);
  const secure = spy.mock.contexts.filter((socket) => socket instanceof TLSSocket);
  expect([secure.length, spy.mock.calls.every(([on]) => on === true)]).toEqual([3, true]);
});

test("nobody listening is tried again and says what to do", async () => {
  const server = createServer();
  const port = await portOf(server);
  await new Promise((resolve) => server.close(resolve));
  expect(await failure(`http://127.0.0.1:${port}`)).toMatchObject([
    { code: "network", message: expect.stringContaining("start the server or check its address") },
    2,
  ]);
});

test("a TLS handshake that never ends meets the connection limit", async () => {
  const port = await serveSockets(() => undefined);
  expect(await failure(`https://127.0.0.1:${port}`, 50)).toMatchObject([
    { code: "timed-out", message: expect.stringContaining("no connection within 50 ms") },
    2,
  ]);
});

test("an answer that is no HTTP, and one that is cut off, are told", async () => {
  const garbled = await serveSockets((socket) => {
    socket.once("data", () => socket.end("220 mail ready\r\n"));
  });
  const cut = await serveSockets((socket) => {
    socket.once("data", () =>
      socket.end(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
      ),
    );
  });
  expect([
    await failure(`http://127.0.0.1:${garbled}`),
    await failure(`http://127.0.0.1:${cut}`),
  ]).toMatchObject([
    [{ code: "network" }, 2],
    [{ code: "network" }, 2],
  ]);
});

test.skipIf(lacks("openssl"))(
  "a certificate nobody vouches for is said to be, never retried",
  async () => {
    const directory = await temporaryDirectory();
    const [keyPath, certPath] = [join(directory, "key.pem"), join(directory, "cert.pem")];
    const kind =
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=h";
    execFileSync("openssl", [...kind.split(" "), "-keyout", keyPath, "-out", certPath], {
      stdio: "ignore",
    });
    const [key, cert] = await Promise.all([readFile(keyPath), readFile(certPath)]);
    const port = await portOf(createSecureServer({ key, cert }));
    expect(await failure(`https://127.0.0.1:${port}`)).toMatchObject([
      { code: "network", message: expect.stringContaining("NODE_EXTRA_CA_CERTS") },
      0,
    ]);
  },
);
