/**
 * A TCP proxy on loopback that breaks connections on purpose: between any client and any server,
 * with or without TLS, below HTTP and WebSocket. Repeatable: which connection breaks, how and after
 * which byte follows from the seed and the order of connections alone.
 */
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { createDice } from "../faults/dice.ts";
import { ChaosLink } from "./chaos-link.ts";

/** What can happen to a connection. */
export type ChaosKind =
  /** Both sides get a TCP reset. */
  | "reset"
  /** Both sides get an orderly end, in the middle of whatever it was. */
  | "close"
  /** Nothing moves any more in either direction; the connection stays open. */
  | "freeze"
  /** Both sides can go on sending; nothing arrives. */
  | "blackhole"
  /** The bytes up to here arrive, then that direction ends and the rest is dropped. */
  | "truncate"
  /** From here on this direction moves at `bytesPerSecond`. */
  | "throttle";

/** One thing that goes wrong, and when. */
export interface ChaosFault {
  /** What happens. */
  readonly kind: ChaosKind;
  /** Whose bytes are counted: the client's (`up`, default) or the server's (`down`). */
  readonly direction?: "up" | "down";
  /** It happens once so many bytes went through; a pair is a range from which the seed picks. Default 0. */
  readonly afterBytes?: number | readonly [number, number];
  /** Numbers of the connections it happens to, from 1. Default all. */
  readonly connections?: readonly number[];
  /** Chance that it happens to a connection. Default 1. */
  readonly probability?: number;
  /** For `throttle`. Default 16 000. */
  readonly bytesPerSecond?: number;
}

/** Where connections go, and what happens to them. */
export interface ChaosOptions {
  /** Where connections go: a URL or a port of 127.0.0.1. */
  readonly target: string | number;
  /** Default none: everything passes. */
  readonly faults?: readonly ChaosFault[];
  /** Default 1. */
  readonly seed?: number;
  /** Connections at a time; one more is closed at once. Default 1000. */
  readonly maxConnections?: number;
}

/** One thing that was done to a connection. */
export interface ChaosEvent {
  /** Its number, from 1. */
  readonly connection: number;
  /** What was done. */
  readonly kind: ChaosKind;
  /** Bytes that had gone through when it happened. */
  readonly upBytes: number;
  /** Bytes from the server that had gone through when it happened. */
  readonly downBytes: number;
}

/** A proxy between a client and a server that breaks connections on demand. */
export interface ChaosProxy {
  /** The target's URL with the proxy's port: give it to the client in its place. */
  readonly url: string;
  /** The port it listens on, at 127.0.0.1. */
  readonly port: number;
  /** What was done so far, in order. */
  readonly events: readonly ChaosEvent[];
  /** Connections accepted so far. */
  readonly connections: number;
  /** Does it now to every open connection. */
  breakAll(kind: ChaosKind): void;
  /** From now on connections are refused (`true`) or accepted again. */
  refuse(refused: boolean): Promise<void>;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts a proxy on a free port of 127.0.0.1.
 *
 * @throws TypeError for a target that is no URL or port.
 * @example
 * const proxy = await startChaosProxy({
 *   target: server.url,
 *   faults: [{ kind: "reset", afterBytes: [40_000, 80_000], connections: [1] }],
 * });
 */
export async function startChaosProxy(options: ChaosOptions): Promise<ChaosProxy> {
  const target = targetOf(options.target);
  const links = new Map<number, ChaosLink>();
  const events: ChaosEvent[] = [];
  let accepted = 0;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    const number = ++accepted;
    const upstream = connect({ host: target.hostname, port: target.port, allowHalfOpen: true });
    const link = new ChaosLink(
      client,
      upstream,
      faultsOf(options, number),
      (kind, upBytes, downBytes) => events.push({ connection: number, kind, upBytes, downBytes }),
      () => links.delete(number),
    );
    links.set(number, link);
  });
  server.maxConnections = options.maxConnections ?? 1000;
  const port = await listen(server, 0);
  return {
    port,
    url: target.url(port),
    events,
    get connections() {
      return accepted;
    },
    breakAll(kind) {
      for (const link of links.values()) link.break({ kind });
    },
    async refuse(refused) {
      if (refused === !server.listening) return;
      if (refused) server.close();
      else await listen(server, port);
    },
    async close() {
      for (const link of links.values()) link.destroy();
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen({ host: "127.0.0.1", port });
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/** A fault as it will happen to one connection. */
export interface PlannedFault {
  readonly kind: ChaosKind;
  readonly direction: "up" | "down";
  readonly atByte: number;
  readonly bytesPerSecond: number;
}

function faultsOf(options: ChaosOptions, connection: number): PlannedFault[] {
  const dice = createDice(Math.imul(options.seed ?? 1, 0x9e3779b1) ^ connection);
  const planned: PlannedFault[] = [];
  for (const fault of options.faults ?? []) {
    // Both are drawn for every connection, so that one fault's choice does not move another's.
    const chance = dice();
    const place = dice();
    if (fault.connections?.includes(connection) === false) continue;
    if (chance >= (fault.probability ?? 1)) continue;
    const after = fault.afterBytes ?? 0;
    const atByte =
      typeof after === "number" ? after : Math.floor(after[0] + place * (after[1] - after[0]));
    planned.push({
      kind: fault.kind,
      direction: fault.direction ?? "up",
      atByte,
      bytesPerSecond: fault.bytesPerSecond ?? 16_000,
    });
  }
  return planned;
}

function targetOf(target: string | number): {
  hostname: string;
  port: number;
  url(port: number): string;
} {
  const text = typeof target === "number" ? `http://127.0.0.1:${target}` : target;
  if (!URL.canParse(text)) {
    throw new TypeError(`Cannot start the proxy: target must be a URL or a port, got "${text}".`);
  }
  const url = new URL(text);
  const standard = url.protocol === "https:" || url.protocol === "wss:" ? 443 : 80;
  return {
    hostname: url.hostname.replace(/^\[|\]$/gu, ""),
    port: url.port === "" ? standard : Number(url.port),
    url: (port) => `${url.protocol}//127.0.0.1:${port}${url.pathname.replace(/\/$/u, "")}`,
  };
}
