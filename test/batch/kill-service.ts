/**
 * The local server behind a relay that counts what passes, so that a test can kill a client at any
 * seeded moment of its traffic; and what the server's own disk says it accepted.
 */
import { readdir, readFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Faults } from "../../src/server/faults/faults.ts";
import type { Scenario } from "../../src/server/faults/scenario.ts";
import { parseJob } from "../../src/server/jobs/job.ts";
import { startTestServer } from "../../src/server/testing.ts";
import { temporaryDirectory } from "./script-server.ts";

/** A submit that the server accepted. */
export interface Accepted {
  readonly file: string;
  readonly createdMs: number;
  /** B9: every question about it is answered with a failure. */
  readonly fails: boolean;
  /** B15, A16: the server itself saw to it that its answer did not arrive. */
  readonly lost: boolean;
}

export class KillService {
  readonly #scenario: Scenario;
  readonly #directory: string;
  /** Where the client goes. */
  url = "";
  /** A14, B15: uploads that the server cut; the client may have sent the whole by then. */
  resets = 0;

  private constructor(scenario: Scenario, directory: string) {
    this.#scenario = scenario;
    this.#directory = directory;
  }

  /** @param onTraffic for each piece of traffic, before it is passed on. */
  static async start(scenario: Scenario, onTraffic: () => void): Promise<KillService> {
    const dataDir = await temporaryDirectory();
    const server = await startTestServer({ scenario, dataDir, maxConnections: 1000 });
    onTestFinished(() => server.close());
    const service = new KillService(scenario, dataDir);
    const onReset = (): void => {
      service.resets += 1;
    };
    const port = await relay(Number(new URL(server.url).port), onTraffic, onReset);
    service.url = `http://127.0.0.1:${port}`;
    return service;
  }

  /** In the order in which they were accepted. */
  async accepted(): Promise<Accepted[]> {
    const jobs = join(this.#directory, "jobs");
    const found = await Promise.all(
      (await readdir(jobs)).map(async (id) =>
        parseJob(await readFile(join(jobs, id, "job.json"), "utf8").catch(() => "")),
      ),
    );
    return found
      .filter((job) => job !== undefined)
      .toSorted((one, other) => one.createdMs - other.createdMs)
      .map((job) => {
        const faults = new Faults(this.#scenario, job.scenario, job.number);
        const lost = faults.variant("B15") === "lost" || faults.variant("A16") === "truncated";
        return { file: job.fileName, createdMs: job.createdMs, fails: faults.has("B9"), lost };
      });
  }
}

/** Passes bytes both ways, a reset as a reset. @returns its port. */
async function relay(port: number, onTraffic: () => void, onReset: () => void): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    pass(client, upstream, onTraffic);
    pass(upstream, client, onTraffic);
    upstream.on("error", onReset);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function pass(from: Socket, to: Socket, onTraffic: () => void): void {
  from.on("data", (data) => {
    onTraffic();
    to.write(data);
  });
  from.on("end", () => to.end());
  from.on("error", () => to.resetAndDestroy());
  from.on("close", () => to.end());
}
