/**
 * A network of the test's own: two namespaces of the kernel and a cable between them, on which
 * packets get lost, go nowhere, are refused or wait, as they do on real networks and never on
 * loopback. Nothing of the machine's own network is touched.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { lacks } from "./programs.ts";

/**
 * Whether such networks cannot be made here, which takes root and a kernel that allows it. Then a
 * line says so; that the programs are there is CI's own business (`lacks`).
 */
export function lacksNetworks(): boolean {
  if (lacks("ip", "nft", "tc", "ss")) return true;
  try {
    const network = new TestNetwork();
    try {
      network.loseAtRandom(1);
    } finally {
      network.close();
    }
    return false;
  } catch (error) {
    const why = error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error);
    process.stderr.write(`No network namespaces here, their tests are left out: ${why}\n`);
    return true;
  }
}

/** The address of the server's end; every network has the same, none sees another. */
export const SERVER_HOST = "10.99.0.1";
const CLIENT_HOST = "10.99.0.2";
/** What either end calls its end of the cable. */
const CABLE = "cable";

export class TestNetwork {
  readonly #client: string;
  readonly #server: string;
  readonly #children: ChildProcess[] = [];

  /** @throws Error when the kernel does not allow it. */
  constructor() {
    // A run that was killed leaves its namespaces behind: no name comes twice.
    const name = `everyword-${randomUUID()}`;
    this.#client = `${name}-c`;
    this.#server = `${name}-s`;
    try {
      run("ip", "netns", "add", this.#client);
      run("ip", "netns", "add", this.#server);
      const far = ["peer", "name", CABLE, "netns", this.#server];
      run("ip", "link", "add", CABLE, "netns", this.#client, "type", "veth", ...far);
      this.#address(this.#client, CLIENT_HOST);
      this.#address(this.#server, SERVER_HOST);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #address(namespace: string, host: string): void {
    run("ip", "-n", namespace, "addr", "add", `${host}/24`, "dev", CABLE);
    run("ip", "-n", namespace, "link", "set", CABLE, "up");
    run("ip", "-n", namespace, "link", "set", "lo", "up");
  }

  /** A program at one end, in the language of Node; it is ended with the network. */
  start(end: "client" | "server", program: string, input: unknown): Program {
    const namespace = end === "client" ? this.#client : this.#server;
    const node = [process.execPath, "--input-type=module", "-e", program, JSON.stringify(input)];
    const child = spawn("ip", ["netns", "exec", namespace, ...node], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#children.push(child);
    return new Program(child);
  }

  /** Every so many packets in a hundred are lost, in both directions. */
  loseAtRandom(percent: number): void {
    this.#rules(this.#client, `numgen random mod 100 < ${percent} drop`);
  }

  /** Packets go nowhere, and nobody says so. */
  swallow(): void {
    this.#rules(this.#client, "drop");
  }

  /** Whatever the client sends is answered with a reset. */
  refuse(): void {
    this.#rules(this.#server, "meta l4proto tcp reject with tcp reset");
  }

  /** A slow line with a short queue; to the server. */
  throttle(kilobits: number): void {
    const bucket = ["rate", `${kilobits}kbit`, "burst", "3000", "limit", "30000"];
    run("tc", "-n", this.#client, "qdisc", "add", "dev", CABLE, "root", "tbf", ...bucket);
  }

  /** The kernel takes the client's sockets away. */
  killSockets(): void {
    run("ip", "netns", "exec", this.#client, "ss", "-K", "dst", SERVER_HOST);
  }

  /** The cable is as new. */
  heal(): void {
    for (const namespace of [this.#client, this.#server]) {
      run("ip", "netns", "exec", namespace, "nft", "flush", "ruleset");
    }
    const shown = run("tc", "-n", this.#client, "qdisc", "show", "dev", CABLE);
    if (shown.includes("tbf")) run("tc", "-n", this.#client, "qdisc", "del", "dev", CABLE, "root");
  }

  close(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    const there = run("ip", "netns", "list");
    for (const namespace of [this.#client, this.#server]) {
      if (there.includes(namespace)) run("ip", "netns", "del", namespace);
    }
  }

  #rules(namespace: string, rule: string): void {
    const ruleset = `table inet faults {
      chain in { type filter hook input priority 0; ${rule}; }
      chain out { type filter hook output priority 0; ${rule.includes("reject") ? "" : rule}; }
    }`;
    const nft = ["netns", "exec", namespace, "nft", "-f", "-"];
    execFileSync("ip", nft, { input: ruleset, stdio: "pipe" });
  }
}

/** What runs at one end, and the lines it says: one JSON value each. */
class Program {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null) throw new Error("The program has no stdout");
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** The next value; `undefined` = it has ended. */
  async next(): Promise<unknown> {
    const { done, value } = await this.#lines.next();
    return done === true ? undefined : JSON.parse(value);
  }

  /** `ip netns exec` becomes the program, so a signal reaches it. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, "exit");
    }
  }
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: "pipe" });
}
