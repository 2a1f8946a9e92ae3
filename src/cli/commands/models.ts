/** `everyword models`: what the local recognizer can run, what of it is on this machine, and how to fetch it. */
import type { ListedModel } from "../../server/engine/weights.ts";
import { EverywordError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { write, type Io } from "../io.ts";
import type { Values } from "../parse.ts";

export const modelsCommand: Command = {
  name: "models",
  positionals: "[pull SIZE]",
  verbs: ["pull"],
  about:
    "Lists the models of the local recognizer and whether their weights are on this machine. " +
    "`pull` fetches them ahead of time; they are also fetched when first needed.",
  options: [{ name: "json", group: "Output", help: "As JSON" }],
  examples: ["everyword models", "everyword models pull base"],
  run: models,
};

async function models(values: Values, positionals: readonly string[], io: Io): Promise<number> {
  const { listModels, pullModel } = await import("../../server/engine/weights.ts");
  const [verb, name] = positionals;
  if (verb === undefined) {
    const list = await listModels();
    const text = values.flag("json")
      ? `${JSON.stringify(list, undefined, 2)}\n`
      : list.map((model) => `${modelLine(model)}\n`).join("");
    await write(io.stdout, text);
    return 0;
  }
  if (verb !== "pull" || (name !== "tiny" && name !== "base") || positionals.length > 2) {
    throw new EverywordError("usage", "models takes nothing, or: pull tiny, pull base.");
  }
  await pullModel(name, { signal: io.abort });
  await write(io.stderr, `everyword: the weights of ${name} are on this machine\n`);
  return 0;
}

function modelLine(model: ListedModel): string {
  const state = model.present
    ? `here, ${megabytes(model.bytes)} in ${model.directory}`
    : `not here; pulling it reads ${megabytes(model.downloadBytes)}`;
  return `${model.name.padEnd(6)} ${model.languages.join(", ")}  ${model.license}  ${state}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
