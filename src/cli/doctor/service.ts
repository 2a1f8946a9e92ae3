/** Where the audio would go, and whether that would work. */
import { messageOf } from "../../errors.ts";
import { findService } from "../../open-service.ts";
import { loadRuntime } from "../../server/engine/runtime.ts";
import { listModels, verifyModel } from "../../server/engine/weights.ts";
import type { Service } from "../../service.ts";
import type { Io } from "../io.ts";
import type { Values } from "../parse.ts";
import { serviceOptions } from "../service-options.ts";
import type { Finding } from "./finding.ts";

export async function checkService(values: Values, io: Io): Promise<Finding[]> {
  let service: Service | undefined;
  try {
    service = await findService(serviceOptions(values, io));
  } catch (error) {
    return [{ what: "service", state: "broken", detail: messageOf(error) }];
  }
  const local = await checkLocal(values, service === undefined);
  if (service === undefined) {
    return [
      { what: "service", state: "works", detail: "the local recognizer, in this process" },
      ...local,
    ];
  }
  if (service.kind === "server") return [await checkServer(service.batch), ...local];
  const host = new URL(service.streaming[1]).host;
  return [
    {
      what: "service",
      state: "works",
      detail: `a key is there for ${host} (not asked; third parties report it withdrawn)`,
      mend: "everyword login --remove goes back to the local recognizer",
    },
    ...local,
  ];
}

/** Bound 5 s. */
async function checkServer(base: string): Promise<Finding> {
  const what = "service";
  const host = new URL(base).host;
  try {
    const response = await fetch(new URL("readyz", `${base}/`), {
      signal: AbortSignal.timeout(5000),
    });
    if (response.ok) return { what, state: "works", detail: `${host} is ready` };
    return {
      what,
      state: response.status === 404 ? "works" : "broken",
      detail: `${host} answers ${response.status} when asked whether it is ready`,
    };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return {
      what,
      state: "broken",
      detail: `${host} cannot be reached (${messageOf(cause)})`,
      mend: "start it: everyword serve",
    };
  }
}

async function checkLocal(values: Values, needed: boolean): Promise<Finding[]> {
  const bad = needed ? "broken" : "missing";
  const findings: Finding[] = [];
  try {
    loadRuntime();
    findings.push({ what: "local recognizer", state: "works", detail: "its runtime loads" });
  } catch (error) {
    findings.push({ what: "local recognizer", state: bad, detail: messageOf(error) });
  }
  const cacheDir = values.text("model-dir");
  for (const { name, present, directory } of await listModels({ cacheDir })) {
    const wanted = name === (values.text("local-model") ?? "base");
    const what = `weights: ${name}`;
    const pull = `everyword models pull ${name}`;
    if (!present) {
      const detail = `not in ${directory}; fetched when first needed`;
      findings.push({ what, state: "missing", detail, mend: pull });
      continue;
    }
    const damaged = await verifyModel(name, { cacheDir });
    findings.push(
      damaged.length === 0
        ? { what, state: "works", detail: `whole, in ${directory}` }
        : {
            what,
            state: wanted ? bad : "missing",
            detail: `damaged in ${directory}: ${damaged.join(", ")}`,
            mend: `delete ${damaged.join(", ")} there, then ${pull}`,
          },
    );
  }
  return findings;
}
