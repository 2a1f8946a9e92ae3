/**
 * The sockets of one session: dialed through the gate of the process with a fresh key, known by their
 * numbers, and watched for how much they hold.
 */
import { messageOf } from "../errors.ts";
import { authorizationValue, type Service } from "../service.ts";
import type { DialFailure } from "./core/failure.ts";
import { DialGate } from "./dial-gate.ts";
import { KnownKeys } from "./known-keys.ts";
import { usualLimit, type GiveBack, type TakePlace } from "./places.ts";
import { now, wheel } from "./process-clock.ts";
import type { OpenSocket, StreamSocket } from "./socket.ts";
import type { Alarm } from "./timer-wheel.ts";

/** What the session is told; each call names the connection it is about. */
export interface ConnectionEvents {
  /** Asked when the key is there, and a place: whether a socket is still to be opened. */
  isWanted(connection: number): boolean;
  onOpen(connection: number, canPing: boolean): void;
  /** @param hostIsKnown whether this process has reached the host before. */
  onRefused(connection: number, failure: DialFailure, hostIsKnown: boolean): void;
  onText(connection: number, text: string): void;
  onSign(connection: number): void;
  onClosed(connection: number, code: number, reason: string): void;
  /** The socket holds more than it should, or no longer does. */
  onPressure(connection: number, isHigh: boolean): void;
}

export interface ConnectionTarget {
  readonly service: Service;
  /** Without a key. */
  readonly url: string;
  readonly host: string;
  readonly openSocket: OpenSocket;
  /** Connections to the host with the same key, of all sessions; `undefined` = as is usual there. */
  readonly maxConnections: number | undefined;
  readonly takePlace: TakePlace;
}

/** All sessions of the thread dial through it. */
export const gate = new DialGate(800, 8);
/** Hosts that this process has reached: one that is not found later is trouble of the network. */
const reachedHosts = new Set<string>();
/** More than this in the socket, and sending pauses. */
const SOCKET_BYTES = 256 * 1024;
const PRESSURE_CHECK_MS = 20;
/** An event loop that is so late has enough to do: a dial lets those that are connected go first … */
const LATE_MS = 5;
/** … for at most so long. */
const LONGEST_YIELD_MS = 2000;

/**
 * Always true: a socket is in the map from its dial until it is refused, closed or let go; what is
 * told of one holds no key; nothing throws.
 */
export class Connections {
  readonly #target: ConnectionTarget;
  readonly #events: ConnectionEvents;
  readonly #sockets = new Map<number, StreamSocket>();
  readonly #keys = new KnownKeys();
  /** The one that was written to last, so that a chunk of audio need not look it up. */
  #current: StreamSocket | undefined;
  #currentNumber = 0;
  /** Dials that wait at the gate: one, and a spare. */
  readonly #waiting = new Map<number, Alarm>();
  /** Gives the place of a connection back. */
  readonly #places = new Map<number, GiveBack>();
  readonly #pressure: Alarm = wheel.alarm(() => this.#checkPressure());

  constructor(target: ConnectionTarget, events: ConnectionEvents) {
    this.#target = target;
    this.#events = events;
  }

  /** Begins connection number `connection` when the gate allows it. */
  dial(connection: number): void {
    const delayMs = gate.reserveMs(now());
    if (delayMs === 0) {
      void this.#connect(connection);
      return;
    }
    const dueMs = now() + delayMs;
    const alarm = wheel.alarm(() => {
      const at = now();
      if (wheel.lateMs > LATE_MS && at < dueMs + LONGEST_YIELD_MS) {
        alarm.set(at + gate.reserveMs(at));
        return;
      }
      this.#waiting.delete(connection);
      void this.#connect(connection);
    });
    alarm.set(dueMs);
    this.#waiting.set(connection, alarm);
  }

  send(connection: number, data: Uint8Array | string): void {
    if (this.#current === undefined || connection !== this.#currentNumber) {
      this.#current = this.#sockets.get(connection);
      this.#currentNumber = connection;
    }
    const socket = this.#current;
    if (socket === undefined) return;
    try {
      socket.send(data);
      if (socket.bufferedBytes <= SOCKET_BYTES) return;
    } catch (error) {
      this.#broken(connection, error);
      return;
    }
    this.#events.onPressure(connection, true);
    this.#pressure.set(now() + PRESSURE_CHECK_MS);
  }

  ping(connection: number): void {
    try {
      this.#sockets.get(connection)?.ping?.();
    } catch (error) {
      this.#broken(connection, error);
    }
  }

  /** Bytes that wait in all of them. */
  get bufferedBytes(): number {
    return [...this.#sockets.values()].reduce((sum, socket) => sum + bytesIn(socket), 0);
  }

  /** Says goodbye. */
  close(connection: number): void {
    try {
      this.#sockets.get(connection)?.close();
    } catch (error) {
      this.#broken(connection, error);
    }
    this.#forget(connection);
  }

  /** Gives it up without goodbye. */
  drop(connection: number): void {
    try {
      this.#sockets.get(connection)?.terminate();
    } catch (error) {
      this.#lost(connection, error);
    }
    this.#forget(connection);
  }

  /** The session is over: nothing is looked at any more. */
  end(): void {
    this.#pressure.cancel();
  }

  /** A socket that throws is a connection that is lost. */
  #broken(connection: number, error: unknown): void {
    try {
      this.#sockets.get(connection)?.terminate();
    } catch {
      // What it threw first says more.
    }
    this.#lost(connection, error);
  }

  #lost(connection: number, error: unknown): void {
    this.#gone(connection);
    this.#events.onClosed(connection, 1006, this.#keys.maskSentence(messageOf(error)));
  }

  #forget(connection: number): void {
    this.#remove(connection);
    this.#waiting.get(connection)?.cancel();
    this.#waiting.delete(connection);
  }

  #checkPressure(): void {
    for (const [connection, socket] of this.#sockets) {
      if (bytesIn(socket) > SOCKET_BYTES / 2) this.#pressure.set(now() + PRESSURE_CHECK_MS);
      else this.#events.onPressure(connection, false);
    }
  }

  /** A fresh key at every dial: one that has expired meanwhile would be refused for ever. */
  async #connect(connection: number): Promise<void> {
    const { apiKey, auth } = this.#target.service;
    let authorization: string | undefined;
    let kind: "key" | "key-unusable" = "key";
    try {
      const key = typeof apiKey === "function" ? await apiKey() : apiKey;
      kind = "key-unusable";
      authorization = authorizationValue(key, auth);
      if (authorization !== undefined) this.#keys.add(authorization);
    } catch (error) {
      const message = this.#keys.maskSentence(messageOf(error));
      this.#events.onRefused(connection, { kind, message }, true);
      return;
    }
    if (this.#events.isWanted(connection)) await this.#dialWith(connection, authorization);
  }

  async #dialWith(connection: number, authorization: string | undefined): Promise<void> {
    const { host, maxConnections, takePlace } = this.#target;
    const limit = maxConnections ?? usualLimit(host);
    const giveBack = await takePlace(`${host} ${authorization ?? ""}`, limit);
    if (!this.#events.isWanted(connection)) {
      giveBack?.();
      return;
    }
    if (giveBack === undefined) {
      this.#events.onRefused(connection, { kind: "busy", limit }, true);
      return;
    }
    this.#places.set(connection, giveBack);
    try {
      this.#sockets.set(connection, this.#open(connection, authorization));
    } catch (error) {
      // A platform may refuse the address, as browsers do with ws: from a page of https:.
      const message = this.#keys.maskSentence(messageOf(error));
      this.#gone(connection);
      this.#events.onRefused(connection, { kind: "network", message }, true);
    }
  }

  #remove(connection: number): void {
    this.#sockets.delete(connection);
    if (connection === this.#currentNumber) this.#current = undefined;
  }

  #gone(connection: number): void {
    this.#remove(connection);
    this.#places.get(connection)?.();
    this.#places.delete(connection);
  }

  #open(connection: number, authorization: string | undefined): StreamSocket {
    const events = this.#events;
    const { url, host, openSocket } = this.#target;
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    const socket = openSocket(
      { url, headers },
      {
        onOpen: () => {
          reachedHosts.add(host);
          events.onOpen(connection, socket.ping !== undefined);
        },
        onRefused: (failure) => {
          this.#gone(connection);
          events.onRefused(connection, this.#masked(failure), reachedHosts.has(host));
        },
        // Only an error is a place for a key; a word that sounds like one stays a word.
        onText: (text) =>
          events.onText(connection, text.includes('"error"') ? this.#keys.mask(text) : text),
        onSign: () => events.onSign(connection),
        onClosed: (code, reason) => {
          this.#gone(connection);
          events.onClosed(connection, code, this.#keys.maskSentence(reason));
        },
      },
    );
    return socket;
  }

  /** A server may say the key that it refuses, a socket the URL. */
  #masked(failure: DialFailure): DialFailure {
    if (failure.kind === "status") return { ...failure, body: this.#keys.mask(failure.body) };
    if (failure.kind === "busy") return failure;
    return { ...failure, message: this.#keys.maskSentence(failure.message) };
  }
}

/** A socket that cannot even say that throws at the next call. */
function bytesIn(socket: StreamSocket): number {
  try {
    return socket.bufferedBytes;
  } catch {
    return 0;
  }
}
