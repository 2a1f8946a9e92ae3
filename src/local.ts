/**
 * The face of the server and the local recognizer for a program that may need neither: their code,
 * and the packages under it, are loaded when they are first asked for.
 */
import type { EngineOptions } from "./server/engine/engine.ts";
import type { Recognizer } from "./server/recognizer.ts";
import type { RunningServer, ServerOptions } from "./server/server.ts";

/**
 * Opens the local recognizer, fetching its weights first where they are missing.
 * @throws EverywordError `recognizer` when the weights cannot be had.
 * @throws RangeError for a number of threads or streams that is no positive integer.
 */
export async function openEngine(options: EngineOptions = {}): Promise<Recognizer> {
  const engine = await import("./server/engine/engine.ts");
  return engine.openEngine(options);
}

/**
 * Starts the local server: the whole protocol, answered by a recognizer of your choice.
 *
 * @throws RangeError for a bound that is none.
 * @throws EverywordError `usage` for a scenario that is none, a keys file that cannot be used, a
 * data directory in use, or an address that cannot be had.
 * @example
 * const recognizer = await openEngine({ model: "tiny" });
 * const server = await startServer({ recognizer });
 * console.log(server.url);
 * await server.close();
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = await import("./server/server.ts");
  return server.startServer(options);
}
