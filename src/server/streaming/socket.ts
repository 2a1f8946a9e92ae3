/** Joins a WebSocket and a session: the only place that knows both. */
import type { RawData, WebSocket } from "ws";
import type { ServerContext } from "../context.ts";
import type { Faults } from "../faults/faults.ts";
import type { SessionPort, StreamSession } from "./session.ts";

/** Wires them until the socket closes; every timer ends with it. */
export function attachSession(
  ws: WebSocket,
  session: StreamSession,
  faults: Faults,
  context: ServerContext,
): void {
  const refused = faults.get("W2");
  const pings = faults.get("W54");
  const timers = new Set<NodeJS.Timeout>();
  const port = socketPort(ws, timers, context);
  ws.on("error", (error) => context.log("warn", "stream-error", { why: error.message }));
  ws.once("close", () => {
    for (const timer of timers) clearTimeout(timer);
  });
  if (refused !== undefined) {
    ws.send(JSON.stringify({ error: { message: "This key may not stream.", code: "forbidden" } }));
    ws.close(refused.number("code"), "refused");
    return;
  }
  ws.on("ping", (data) => {
    if (session.isResponsive) ws.pong(data);
  });
  if (pings?.variant === "pings") repeatPings(ws, port, pings.number("seconds") * 1000);
  session.attach(port);
  ws.on("message", (data, isBinary) => {
    const bytes = bytesOf(data);
    if (isBinary) session.handleAudio(bytes);
    else session.handleText(bytes.toString("utf8"));
  });
}

function repeatPings(ws: WebSocket, port: SessionPort, everyMs: number): void {
  port.later(everyMs, () => {
    ws.ping();
    repeatPings(ws, port, everyMs);
  });
}

function socketPort(
  ws: WebSocket,
  timers: Set<NodeJS.Timeout>,
  context: ServerContext,
): SessionPort {
  let stopped = false;
  return {
    send(data) {
      if (ws.readyState !== ws.OPEN) return;
      ws.send(data);
      if (ws.bufferedAmount <= context.limits.maxSendBytes) return;
      context.log("warn", "stream-not-read", { bytes: ws.bufferedAmount });
      ws.terminate();
    },
    close: (code, reason) => ws.close(code, reason),
    cut: () => ws.terminate(),
    pause: () => ws.pause(),
    resume: () => {
      if (!stopped) ws.resume();
    },
    stopReading: () => {
      stopped = true;
      ws.pause();
    },
    later(delayMs, run) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        run();
      }, delayMs);
      timers.add(timer);
    },
  };
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
