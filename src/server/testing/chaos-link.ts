/** One connection through the chaos proxy: two sockets, and what is to go wrong between them. */
import type { Socket } from "node:net";
import type { ChaosKind, PlannedFault } from "./chaos-proxy.ts";

/** How often a throttled direction moves on. */
const TICK_MS = 20;

type Direction = "up" | "down";

/**
 * Invariant: a byte that was counted was passed on, or dropped by a fault. Holds nothing itself:
 * what one side cannot take yet stays unread on the other.
 */
export class ChaosLink {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #faults: PlannedFault[];
  readonly #onBreak: (kind: ChaosKind, upBytes: number, downBytes: number) => void;
  readonly #bytes = { up: 0, down: 0 };
  readonly #throttled: { up?: number; down?: number } = {};
  readonly #timers = new Set<NodeJS.Timeout>();
  #discarding = false;
  #frozen = false;

  constructor(
    client: Socket,
    upstream: Socket,
    faults: readonly PlannedFault[],
    onBreak: (kind: ChaosKind, upBytes: number, downBytes: number) => void,
    onEnd: () => void,
  ) {
    this.#client = client;
    this.#upstream = upstream;
    this.#faults = faults.toSorted((a, b) => a.atByte - b.atByte);
    this.#onBreak = onBreak;
    let open = 2;
    for (const socket of [client, upstream]) {
      socket.on("error", () => this.#endBoth());
      socket.on("close", () => {
        open--;
        if (open > 0) return;
        for (const timer of this.#timers) clearTimeout(timer);
        onEnd();
      });
    }
    this.#pipe("up", client, upstream);
    this.#pipe("down", upstream, client);
    upstream.once("connect", () => client.resume());
  }

  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  /** Does it now. */
  break(fault: { kind: ChaosKind; direction?: Direction; bytesPerSecond?: number }): void {
    const direction = fault.direction ?? "up";
    this.#onBreak(fault.kind, this.#bytes.up, this.#bytes.down);
    switch (fault.kind) {
      case "reset":
        this.#client.resetAndDestroy();
        this.#upstream.resetAndDestroy();
        break;
      case "close":
        this.#endBoth();
        break;
      case "freeze":
        this.#frozen = true;
        this.#client.pause();
        this.#upstream.pause();
        break;
      case "blackhole":
        this.#discarding = true;
        this.#client.resume();
        this.#upstream.resume();
        break;
      case "truncate":
        this.#discarding = true;
        (direction === "up" ? this.#upstream : this.#client).end();
        break;
      case "throttle":
        this.#throttled[direction] = fault.bytesPerSecond ?? 16_000;
        break;
      default:
        break;
    }
  }

  #pipe(direction: Direction, from: Socket, to: Socket): void {
    from.on("data", (chunk: Buffer) => this.#pass(direction, from, to, chunk));
    from.on("end", () => {
      if (!this.#discarding) to.end();
    });
    to.on("drain", () => {
      if (!this.#frozen && this.#throttled[direction] === undefined) from.resume();
    });
  }

  /** Passes a chunk on, cut where a fault is due. */
  #pass(direction: Direction, from: Socket, to: Socket, chunk: Buffer): void {
    let rest = chunk;
    for (;;) {
      if (this.#discarding || to.destroyed) return;
      const due = this.#faults.find((fault) => fault.direction === direction);
      const room = due === undefined ? rest.length : due.atByte - this.#bytes[direction];
      const head = rest.subarray(0, Math.max(0, room));
      if (head.length > 0) this.#forward(direction, from, to, head);
      rest = rest.subarray(head.length);
      if (due === undefined || this.#bytes[direction] < due.atByte) return;
      this.#faults.splice(this.#faults.indexOf(due), 1);
      this.break(due);
      // What comes behind a freeze is lost with the connection: it never moves again.
      if (this.#frozen) return;
    }
  }

  #forward(direction: Direction, from: Socket, to: Socket, bytes: Buffer): void {
    this.#bytes[direction] += bytes.length;
    const isTaken = to.write(bytes);
    const speed = this.#throttled[direction];
    if (speed === undefined) {
      if (!isTaken) from.pause();
      return;
    }
    from.pause();
    const waitMs = Math.max(TICK_MS, (bytes.length / speed) * 1000);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#frozen) from.resume();
    }, waitMs);
    this.#timers.add(timer);
  }

  /** Ends both directions in order; what is left unread is dropped. */
  #endBoth(): void {
    this.#discarding = true;
    for (const socket of [this.#client, this.#upstream]) {
      socket.end();
      socket.resume();
      socket.destroySoon();
    }
  }
}
